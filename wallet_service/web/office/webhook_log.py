"""What an address was told, line by line, in the words of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import webhooks
from wallet_service.db.tables import WebhookDelivery
from wallet_service.web.office.webhook_texts import event_name, went_wrong

MOST = 100
TAKEN, WAITS, GIVEN_UP = "taken", "waits", "given-up"


@dataclass(frozen=True)
class Line:
    """`at` is when it happened; `next_try` only of what waits after a failure."""

    id: int
    event: str
    uid: str
    at: datetime
    state: str
    tries: int
    trouble: str | None
    next_try: datetime | None


def lines(session: Session, webhook: int) -> Sequence[Line]:
    """The newest first."""
    return [_line(row) for row in webhooks.last_deliveries(session, webhook, MOST)]


def _line(row: WebhookDelivery) -> Line:
    state = TAKEN if row.delivered_at else GIVEN_UP if row.due_at is None else WAITS
    failed = row.last_error is not None
    return Line(
        id=row.id,
        event=event_name(row.message.type),
        uid=row.message.uid,
        at=row.message.created_at,
        state=state,
        tries=row.tries,
        trouble=went_wrong(row.last_status, row.last_error or "") if failed else None,
        next_try=row.due_at if state == WAITS and failed else None,
    )
