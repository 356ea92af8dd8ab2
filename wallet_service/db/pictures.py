"""A shelf of pictures that all machines of one database share."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import bindparam, select

from wallet_service.db.missing import insert_missing
from wallet_service.db.ready import Ready
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Picture
from wallet_service.domain.errors import Unavailable

log = logging.getLogger(__name__)

CONTENT = Ready(select(Picture.content).where(Picture.digest == bindparam("digest")))


class SharedPictures:
    """A database that is away costs the other machines a picture, and this one nothing."""

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self._sessions, self._clock = sessions, clock

    def find(self, digest: str) -> bytes | None:
        found = self._sessions.glance(CONTENT, {"digest": digest})
        return None if found is None else bytes(found.content)

    def keep(self, digest: str, content: bytes) -> bool:
        """Whether it is there now."""
        row = {"digest": digest, "content": content, "made_at": self._clock()}
        try:
            with self._sessions.begin(in_quarantine=True) as session:
                insert_missing(session, Picture, **row)
        except Unavailable as error:
            log.warning("The picture %s is not shared yet: %s", digest, error.detail)
            return False
        return True
