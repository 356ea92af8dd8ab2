"""What a card shows, wallet-neutral: the one value that crosses from the core to Apple and Google."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_service.domain.program import Texts
from wallet_service.domain.progress import Progress


@dataclass(frozen=True)
class HistoryLine:
    occurred_at: datetime
    text: Texts


@dataclass(frozen=True)
class CardFace:
    """Every text is there in each of `languages`; `languages[0]` is the default.

    `news` is the one sentence that changes with every movement and so carries the notice (P13);
    `balance` is short ("7 / 12"), `progress_text` says the bar in words ("7 of 12, 5 to go").
    `tier_name` is short ("Gold"), `tier` tells the whole of it;
    `ready` names the rewards that can be given now, `expiring` says what burns next.
    `history` is newest first. `page` is the address of the member's own page. `voided`: the member left;
    `erased`: and is forgotten.
    """

    serial: str
    number: str
    number_grouped: str
    program: str
    template: str
    organization: str
    languages: tuple[str, ...]
    program_name: Texts
    news: Texts
    balance: Texts
    progress: Progress
    progress_text: Texts
    to_go: Texts
    reward: Texts
    rules: Texts
    history: tuple[HistoryLine, ...]
    page: str
    tier_name: Texts | None = None
    tier: Texts | None = None
    ready: Texts | None = None
    expiring: Texts | None = None
    voided: bool = False
    erased: bool = False
    expires_at: datetime | None = None
    time_zone: str = "UTC"
