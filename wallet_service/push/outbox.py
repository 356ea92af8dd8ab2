"""The outbox: one mark per card and wallet, raised in the transaction of the change.

The mark is state: `told < wanted` says that a wallet has not heard of the newest version. Ten changes
make one mark; a change during a telling leaves `told < wanted` and is told next. Nothing is ever lost,
because nothing but an acknowledged telling of that version lowers the mark.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from wallet_service.db.ready import Ready
from wallet_service.db.session import WAKE
from wallet_service.db.tables import Outbox
from wallet_service.db.tables.base import table
from wallet_service.push.moments import is_over
from wallet_service.push.wallet import Note, Outcome, Result

TILL, MEMBER, CAMPAIGN = 0, 1, 9  # priorities
LEASE = timedelta(seconds=30)
QUIET = timedelta(seconds=2)
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
            "longest_quiet": now + QUIET,
            "urgency": priority,
            "noticed": notify,
        },
    )
    for wallet in wanted.difference(raised):
        mark = Outbox(card_id=card_id, wallet=wallet, wanted=version, due_at=now)
        mark.priority, mark.notify = priority, notify
        session.add(mark)


@cache
def _raise(wallets: frozenset[str]) -> Ready:
    """One statement, so that an acknowledgement at the same moment cannot slip between."""
    of, now = mark_table.c, bindparam("now", type_=mark_table.c.due_at.type)
    longest_quiet = bindparam("longest_quiet", type_=of.quiet_until.type)  # longer: the clock was set back
    dirty = of.told < of.wanted
    soonest = case(
        (dirty & (of.tries > 0), bindparam("retry", type_=of.due_at.type)),
        ((of.quiet_until > now) & (of.quiet_until <= longest_quiet), of.quiet_until),
        else_=now,
    )
    urgency, noticed = (
        bindparam("urgency", type_=of.priority.type),
        bindparam("noticed", type_=of.notify.type),
    )
    return Ready(
        update(mark_table)
        .where(of.card_id == bindparam("of_card"), or_(*(of.wallet == wallet for wallet in sorted(wallets))))
        .values(
            wanted=bindparam("newest"),
            due_at=case((dirty & (of.due_at < soonest), of.due_at), else_=soonest),
            priority=case((dirty & (of.priority < urgency), of.priority), else_=urgency),
            notify=case((dirty & of.notify.is_(True), True), else_=noticed),
            tries=0,
            parked=False,
        )
        .returning(of.wallet)
    )


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


def claim(session: Session, wallet: str, now: datetime, batch: int = BATCH) -> tuple[str, list[Note]]:
    """Lease the most urgent due marks to the caller; answers the lease token and the notes."""
    free = is_over(Outbox.lease_until, now, 2 * LEASE)
    rows = session.scalars(
        select(Outbox)
        .where(Outbox.wallet == wallet, Outbox.told < Outbox.wanted, Outbox.due_at <= now, free)
        .order_by(Outbox.priority, Outbox.due_at)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    lease = secrets.token_hex(8)
    for row in rows:
        row.lease_until, row.lease_token = now + LEASE, lease
    return lease, [Note(row.id, row.card_id, row.wanted, row.notify, row.tries) for row in rows]


def settle(
    session: Session, lease: str, outcomes: Sequence[tuple[Note, Outcome]], now: datetime
) -> list[Note]:
    """Write down what came of it. Answers the notes whose lease was lost: those are due once more,
    because a late telling of ours may have overtaken the newer one of somebody else. Card by card, as
    everybody takes several marks, so that nobody waits in a circle.
    """
    lost = []
    for note, outcome in sorted(outcomes, key=lambda pair: pair[0].card_id):
        ours = (Outbox.id == note.id) & (Outbox.lease_token == lease)
        settled = update(Outbox).where(ours).values(**_settled(note, outcome, now)).returning(Outbox.id)
        if session.execute(settled.execution_options(synchronize_session=False)).first() is None:
            _due_once_more(session, note, now)
            lost.append(note)
    return lost


def _settled(note: Note, outcome: Outcome, now: datetime) -> dict[str, object]:
    free = {"lease_until": None, "lease_token": None}
    if outcome.result is Result.TOLD:
        # the *claimed* version, never the newest: a change meanwhile is still to be told, after the quiet
        quiet = now + QUIET
        told = {"told": note.wanted, "told_at": now, "quiet_until": quiet, "due_at": quiet, "tries": 0}
        return {**free, **told, "last_error": None, "parked": False}
    tries = note.tries if outcome.waited else note.tries + 1
    parked = outcome.result is Result.PARKED or tries >= MOST_TRIES
    due = outcome.due or now + _back_off(tries)
    if parked:
        due = max(due, now + timedelta(days=1))
    # a change meanwhile may be another matter: it is neither parked nor put off for long
    changed, soon = Outbox.wanted > note.wanted, now if outcome.waited else now + FIRST_RETRY
    return {
        **free,
        "tries": tries,
        "parked": case((changed, False), else_=parked),
        "due_at": case((changed, min(due, soon)), else_=due),
        "last_error": outcome.error,
    }


def _back_off(tries: int) -> timedelta:
    """Full jitter below min(2^n x 15 s, 6 h)."""
    longest = min(FIRST_RETRY * 2 ** min(tries, 12), LONGEST_RETRY)
    return timedelta(seconds=1 + secrets.randbelow(int(longest.total_seconds())))


def _due_once_more(session: Session, note: Note, now: datetime) -> None:
    session.execute(
        update(Outbox)
        .where(Outbox.id == note.id)
        .values(told=0, due_at=now)
        .execution_options(synchronize_session=False)
    )
