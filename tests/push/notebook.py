"""The smallest honest wallet: writes down the version it read when it was told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from wallet_service.db.session import Sessions
from wallet_service.db.tables import Card
from wallet_service.push.wallet import TOLD, Note, Outcome


class Notebook:
    """`answers` are given in turn, then everything is TOLD; `during` runs between reading and answering."""

    name = "apple"

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self.heard: list[tuple[int, int]] = []
        self.answers: deque[Outcome] = deque()
        self.during: Callable[[], object] = lambda: None

    def tell(self, notes: Sequence[Note], now: datetime) -> Iterable[tuple[Note, Outcome]]:
        for note in notes:
            with self._sessions.read() as session:
                version = session.get_one(Card, note.card_id).version
            self.during()
            self.heard.append((note.card_id, version))
            yield note, self.answers.popleft() if self.answers else TOLD
