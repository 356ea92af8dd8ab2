"""What every door holds: where to remember, what time it is, which wallets there are."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from wallet_service.actions.links import Links
from wallet_service.art.gallery import Gallery
from wallet_service.db.session import Sessions
from wallet_service.settings import Settings

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Services:
    """Wired once in `wiring`. `entropy(n)` gives n random bytes for serial numbers."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    links: Links
    gallery: Gallery
    wallets: tuple[str, ...]
    entropy: Callable[[int], bytes] = field(default=secrets.token_bytes)
