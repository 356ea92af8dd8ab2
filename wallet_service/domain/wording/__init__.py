"""Every sentence that a card or a till shows, whole, per language, with the right plural: the door.

`speech` writes numbers, money, days and nouns; `conditions` and `effects` tell a rule, with the arithmetic
of a purchase in `explaining` and without it in `telling_rules` and `telling_tiers`; `news` and `history` are
what a card says of itself.
"""

from wallet_service.domain.wording.explaining import STEPS, explain
from wallet_service.domain.wording.farewell import farewell
from wallet_service.domain.wording.history import history_line
from wallet_service.domain.wording.news import balance, expiring, news, progress_text, to_go
from wallet_service.domain.wording.speech import LANGUAGES, SYMBOLS, counted, money, noun, plural, signed
from wallet_service.domain.wording.telling_rules import reward_line, rule_line, rules
from wallet_service.domain.wording.telling_tiers import tier_at_risk, tier_text

__all__ = [
    "LANGUAGES",
    "STEPS",
    "SYMBOLS",
    "balance",
    "counted",
    "expiring",
    "explain",
    "farewell",
    "history_line",
    "money",
    "news",
    "noun",
    "plural",
    "progress_text",
    "reward_line",
    "rule_line",
    "rules",
    "signed",
    "tier_at_risk",
    "tier_text",
    "to_go",
]
