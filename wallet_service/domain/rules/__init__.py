"""What a purchase is worth, and why: the door to the rules.

`values` says what goes in and comes out, `checks` refuses what cannot be, `evaluation` is the order of
events, `conditions` and `effects` are the vocabulary, `prepared` makes it quick, `basis` keeps what decided
so that it can be decided again.
"""

from wallet_service.domain.rules.basis import as_basis, from_basis, what_is_left
from wallet_service.domain.rules.checks import MOST_MONEY, MOST_POINTS, MOST_VISITS, check, check_words
from wallet_service.domain.rules.evaluation import evaluate, evaluate_join, limit_periods
from wallet_service.domain.rules.values import NOBODY, Circumstances, Evaluation, Item, Purchase, Step

__all__ = [
    "MOST_MONEY",
    "MOST_POINTS",
    "MOST_VISITS",
    "NOBODY",
    "Circumstances",
    "Evaluation",
    "Item",
    "Purchase",
    "Step",
    "as_basis",
    "check",
    "check_words",
    "evaluate",
    "evaluate_join",
    "from_basis",
    "limit_periods",
    "what_is_left",
]
