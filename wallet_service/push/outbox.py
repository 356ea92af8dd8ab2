"""The outbox: one mark per card and wallet, raised in the transaction of the change.

The mark is state: `told < wanted` says that a wallet has not heard of the newest version. Ten changes
make one mark; a change during a telling leaves `told < wanted` and is told next. Nothing is ever lost,
because nothing but an acknowledged telling of that version lowers the mark.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, case, null, or_, select, update
from sqlalchemy.orm import Session

from wallet_service.db.id_list import among
from wallet_service.db.ready import Ready, Values
from wallet_service.db.session import WAKE
from wallet_service.db.tables import Outbox
from wallet_service.db.tables.base import table
from wallet_service.push import tellings
from wallet_service.push.moments import is_over
from wallet_service.push.request_id import request_id
from wallet_service.push.wallet import Note, Outcome, Result

TILL, MEMBER, CAMPAIGN = 0, 1, 9  # priorities
LEASE = timedelta(seconds=30)
QUIET = timedelta(seconds=2)
LONGEST_QUIET = timedelta(seconds=30)  # as a request sees it that has waited since it looked at the clock
FIRST_RETRY = timedelta(seconds=15)
LONGEST_RETRY = timedelta(hours=6)
MOST_TRIES = 10
BATCH = 200
mark_table = table(Outbox)


def card_changed(
    session: Session,
    *,
    card_id: int,
    version: int,
    wallets: Iterable[str],
    now: datetime,
    priority: int = TILL,
    notify: bool = True,
) -> None:
    """Raise the mark for each wallet. Call it after the card's row is locked."""
    session.info[WAKE] = True
    wanted = frozenset(wallets)
    session.flush()
    raised = _raise(wanted).answers(
        session.connection(),
        {
            "of_card": card_id,
            "newest": version,
            "now": now,
            "retry": now + FIRST_RETRY,
            "longest_quiet": now + LONGEST_QUIET,
            "urgency": priority,
            "noticed": notify,
            "request": request_id.get(),
        },
    )
    for wallet in wanted.difference(raised):
        mark = Outbox(card_id=card_id, wallet=wallet, wanted=version, due_at=now, raised_at=now)
        mark.priority, mark.notify, mark.request_id = priority, notify, request_id.get()
        session.add(mark)


@cache
def _raise(wallets: frozenset[str]) -> Ready:
    """One statement, so that an acknowledgement at the same moment cannot slip between."""
    of, now = mark_table.c, bindparam("now", type_=mark_table.c.due_at.type)
    values = raised_columns(
        newest=bindparam("newest"),
        now=now,
        retry=bindparam("retry", type_=of.due_at.type),
        longest_quiet=bindparam("longest_quiet", type_=of.quiet_until.type),
        urgency=bindparam("urgency", type_=of.priority.type),
        noticed=bindparam("noticed", type_=of.notify.type),
    )
    return Ready(
        update(mark_table)
        .where(of.card_id == bindparam("of_card"), or_(*(of.wallet == wallet for wallet in sorted(wallets))))
        .values(values | {"request_id": bindparam("request")})
        .returning(of.wallet)
    )


def raised_columns(
    *, newest: Any, now: Any, retry: Any, longest_quiet: Any, urgency: Any, noticed: Any
) -> dict[str, Any]:
    """What becomes of a mark that is there when its card changes. A quiet longer than `longest_quiet` was
    never meant: the clock was set back.
    """
    of = mark_table.c
    dirty = of.told < of.wanted
    soonest = case(
        (dirty & (of.tries > 0), retry),
        ((of.quiet_until > now) & (of.quiet_until <= longest_quiet), of.quiet_until),
        else_=now,
    )
    return {
        "wanted": newest,
        "due_at": case((dirty & (of.due_at < soonest), of.due_at), else_=soonest),
        "priority": case((dirty & (of.priority < urgency), of.priority), else_=urgency),
        "notify": case((dirty & of.notify.is_(True), True), else_=noticed),
        "raised_at": case((dirty & of.raised_at.is_not(None), of.raised_at), else_=now),
        "tries": 0,
        "parked": False,
    }


def tell_again(
    session: Session,
    *,
    card_id: int,
    version: int,
    wallet: str,
    now: datetime,
    priority: int = MEMBER,
    notify: bool = False,
) -> None:
    """Raise the mark of one wallet though the card did not change: what it holds is not what we told it.
    A telling that is under way loses its lease, because it cannot speak for this.
    """
    card_changed(
        session,
        card_id=card_id,
        version=version,
        wallets=(wallet,),
        now=now,
        priority=priority,
        notify=notify,
    )
    session.execute(
        update(Outbox)
        .where(Outbox.card_id == card_id, Outbox.wallet == wallet)
        .values(told=0, lease_token=None)
        .execution_options(synchronize_session=False)
    )


def claim(
    session: Session,
    wallet: str,
    now: datetime,
    batch: int = BATCH,
    lasting: timedelta = LEASE,
    *,
    bulk: int = BATCH,
) -> tuple[str, list[Note]]:
    """Lease the most urgent due marks to the caller; answers the lease token and the notes. `bulk`: up to so
    many are filled up with those of a campaign.
    """
    of, due = mark_table.c, _due(wallet, now, lasting)
    rows: list[Row[Any]] = []
    # one after the other: so neither look goes over the marks of a campaign that are not due yet
    for those, most in ((of.priority < CAMPAIGN, batch), (of.priority == CAMPAIGN, min(batch, bulk))):
        if len(rows) < most:
            urgent = select(*NOTED).where(*due, those).order_by(of.priority, of.due_at)
            rows += session.execute(urgent.limit(most - len(rows)).with_for_update(skip_locked=True))
    lease = secrets.token_hex(8)
    if rows:
        ours = among(session, of.id, [row.id for row in rows])
        leased = {"lease_until": now + lasting, "lease_token": lease}
        session.execute(update(mark_table).where(ours).values(leased))
    return lease, [Note(**row._mapping) for row in rows]


NOTED = [mark_table.c[field.name] for field in fields(Note)]


def somebody_waits(session: Session, wallet: str, now: datetime, lasting: timedelta = LEASE) -> bool:
    """Whether something is due that comes before what goes to all cards."""
    urgent = select(Outbox.id).where(*_due(wallet, now, lasting), Outbox.priority < CAMPAIGN)
    return session.scalar(urgent.limit(1)) is not None


def _due(wallet: str, now: datetime, lasting: timedelta) -> tuple[ColumnElement[bool], ...]:
    free = is_over(Outbox.lease_until, now, 2 * lasting)
    return Outbox.wallet == wallet, Outbox.told < Outbox.wanted, Outbox.due_at <= now, free


def settle(
    session: Session, lease: str, outcomes: Sequence[tuple[Note, Outcome]], now: datetime
) -> list[Note]:
    """Write down what came of it. Answers the notes whose lease was lost: those are due once more,
    because a late telling of ours may have overtaken the newer one of somebody else. Card by card, as
    everybody takes several marks, so that nobody waits in a circle. A few statements, however many notes.
    """
    said = {note.id: (note, outcome) for note, outcome in outcomes}
    rows = session.execute(
        select(mark_table).where(mark_table.c.id.in_(said)).order_by(mark_table.c.card_id).with_for_update()
    ).all()
    ours = [row for row in rows if row.lease_token == lease]
    lost = [said[row.id][0] for row in rows if row.lease_token != lease]
    if ours:
        SETTLE.send(session.connection(), *(_settled(row, *said[row.id], now) for row in ours))
        tellings.write(session, [said[row.id] for row in ours], now)
    if lost:
        _due_once_more(session, lost, now)
    return lost


SETTLE = Ready(
    update(mark_table)
    .where(mark_table.c.id == bindparam("mark"))
    .values(
        told=bindparam("is_told"),
        told_at=bindparam("was_told_at"),
        quiet_until=bindparam("is_quiet_until"),
        due_at=bindparam("is_due_at"),
        raised_at=bindparam("is_raised_at"),
        tries=bindparam("of_tries"),
        parked=bindparam("is_parked"),
        last_error=bindparam("error"),
        lease_until=null(),
        lease_token=null(),
    )
)


def _settled(row: Row[Any], note: Note, outcome: Outcome, now: datetime) -> Values:
    """As the row stands now, locked: what was raised meanwhile is still to be told."""
    changed = row.wanted > note.wanted
    if outcome.result is Result.TOLD:
        # the *claimed* version, never the newest: a change meanwhile is told next, after the quiet
        quiet = now + QUIET
        return {
            "mark": row.id,
            "is_told": note.wanted,
            "was_told_at": now,
            "is_quiet_until": quiet,
            "is_due_at": quiet,
            "is_raised_at": now if changed else row.raised_at,
            "of_tries": 0,
            "is_parked": False,
            "error": None,
        }
    due, tries, parked = _put_off(note, outcome, now)
    if changed:  # that may be another matter: it is neither parked nor put off for long
        due, parked = min(due, now if outcome.waited else now + FIRST_RETRY), False
    return {
        "mark": row.id,
        "is_told": row.told,
        "was_told_at": row.told_at,
        "is_quiet_until": row.quiet_until,
        "is_due_at": due,
        "is_raised_at": row.raised_at,
        "of_tries": tries,
        "is_parked": parked,
        "error": outcome.error,
    }


def _put_off(note: Note, outcome: Outcome, now: datetime) -> tuple[datetime, int, bool]:
    """Until when, after how many tries, and whether it is parked."""
    tries = note.tries if outcome.waited else note.tries + 1
    parked = outcome.result is Result.PARKED or tries >= MOST_TRIES
    due = outcome.due or now + _back_off(tries)
    return (max(due, now + timedelta(days=1)) if parked else due), tries, parked


def _back_off(tries: int) -> timedelta:
    """Full jitter below min(2^n x 15 s, 6 h)."""
    longest = min(FIRST_RETRY * 2 ** min(tries, 12), LONGEST_RETRY)
    return timedelta(seconds=1 + secrets.randbelow(int(longest.total_seconds())))


def _due_once_more(session: Session, notes: Sequence[Note], now: datetime) -> None:
    """Whoever holds the lease by now loses it too: what they told may have come before our late telling."""
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_([note.id for note in notes]))
        .values(told=0, due_at=now, lease_token=None)
        .execution_options(synchronize_session=False)
    )
