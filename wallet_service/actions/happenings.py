"""What the shop's own systems are told of: facts and figures of a card, nothing that a member said."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from wallet_service.actions import holds, stock
from wallet_service.actions.account import LISTENING, Account
from wallet_service.actions.entries import Entry
from wallet_service.actions.once import Request
from wallet_service.db.tables import Card, LedgerEntry, ProgramRow
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain import redeeming, tiers
from wallet_service.domain.local_days import local_day
from wallet_service.domain.progress import Kind
from wallet_service.push.webhooks.messages import happened, utc

Json = dict[str, Any]

KINDS = {
    "join": "card.joined",
    "earn": "purchase.booked",
    "redeem": "redemption.booked",
    "reverse": "entry.reversed",
    "refund": "entry.refunded",
}
"""By the verb of the press."""
NAMED = (
    select(Card.serial, ProgramRow.slug)
    .join(ProgramRow, ProgramRow.id == Card.program_id)
    .where(Card.id == bindparam("card"), LISTENING)
)
"""Nothing, where nobody listens."""
IMPORT, SETTLE = "import", "settle"


def look_before(session: Session, account: Account, now: datetime) -> None:
    """What is ready already is no news. Call it once time is settled and before anything is booked."""
    if account.heard is not None:
        account.heard.ready = _ready(session, account, now)


def booked(session: Session, account: Account, request: Request, written: Sequence[Entry]) -> None:
    """In the transaction of the booking, so that nothing is lost, and nothing told that did not happen. An
    import is no news: whoever brings a thousand cards knows of them.
    """
    if account.heard is None or request.verb == IMPORT:
        return
    if kind := KINDS.get(request.verb):
        lines = [_entry(one) for one in written]
        card = _card(session, account, request.now)
        said = {"card": card, "entry": lines[0] if lines else None, "others": lines[1:]}
        happened(session, kind, said, now=request.now, card_id=account.card.id)
    _tier_changed(session, account, request.now)
    if request.verb != SETTLE:
        account.heard.ready -= {one.reward for one in written if one.kind is Kind.REDEEM and one.reward}
        _became_ready(session, account, request.now)


def saved(session: Session, card_id: int, wallet: str, now: datetime) -> None:
    """A phone holds the card from now on."""
    _on_phone(session, "card.saved", card_id, wallet, now)


def removed(session: Session, card_id: int, wallet: str, now: datetime) -> None:
    """A phone wants no more news of the card; the card itself stays."""
    _on_phone(session, "card.removed", card_id, wallet, now)


def _on_phone(session: Session, kind: str, card_id: int, wallet: str, now: datetime) -> None:
    row = session.execute(NAMED, {"card": card_id}).first()
    if row is not None:
        said = {"card": {"serial": row.serial, "program": row.slug}, "wallet": wallet}
        happened(session, kind, said, now=now, card_id=card_id)


def _card(session: Session, account: Account, now: datetime) -> Json:
    """`version` grows with every change: of two messages the one with the larger is the newer."""
    card, level = account.card, tiers.in_force(account.program, account.held_tier, now)
    return {
        "serial": card.serial,
        "program": account.program.slug,
        "balance": holds.balance(session, account, now),
        "tier": level.id if level else None,
        "version": card.version,
    }


def _entry(one: Entry) -> Json:
    """As the machine API shows it, without the words."""
    return {
        "id": f"e{one.id}",
        "kind": one.kind.value,
        "points": one.points,
        "balance_after": one.balance_after,
        "occurred_at": utc(one.occurred_at),
        "recorded_at": utc(one.recorded_at),
        "receipt": one.receipt,
        "total": one.total,
        "reward": one.reward,
        "reverses": f"e{one.reverses}" if one.reverses else None,
        "store": one.store,
        "flags": list(one.flags),
    }


def _tier_changed(session: Session, account: Account, now: datetime) -> None:
    heard, card = account.heard, _card(session, account, now)
    if heard is None or heard.tier == card["tier"]:
        return
    said = {"card": card, "from": heard.tier, "to": card["tier"]}
    heard.tier = card["tier"]
    happened(session, "tier.changed", said, now=now, card_id=account.card.id)


def _became_ready(session: Session, account: Account, now: datetime) -> None:
    """Once a round, however often the points come and go: a round ends when something is had for points."""
    heard, ready = account.heard, _ready(session, account, now)
    if heard is None or not ready - heard.ready:
        return
    round_, card = _round(session, account.card.id), _card(session, account, now)
    for reward in account.program.rewards:
        if reward.id in ready - heard.ready:
            said = {"card": card, "reward": {"id": reward.id, "name": reward.name, "cost": reward.cost}}
            uid = _uid(account.card.serial, reward.id, round_)
            happened(session, "reward.ready", said, now=now, card_id=account.card.id, uid=uid)
    heard.ready = ready


def _ready(session: Session, account: Account, now: datetime) -> frozenset[str]:
    program, card = account.program, account.card
    if not program.rewards or card.status != ACTIVE:
        return frozenset()
    enough, gone = (
        holds.spendable(session, account, now),
        stock.out_of_stock(session, card.program_id, program),
    )
    level = tiers.in_force(program, account.held_tier, now)
    day = local_day(now, program.time_zone).isoformat()
    return frozenset(
        reward.id
        for reward in program.rewards
        if enough >= reward.cost and redeeming.offered(program, reward, level, day, gone)
    )


def _round(session: Session, card_id: int) -> int:
    """The number of the last entry that took points for something and was not taken back."""
    back = aliased(LedgerEntry)
    had = select(func.max(LedgerEntry.seq)).where(
        LedgerEntry.card_id == card_id,
        LedgerEntry.kind == Kind.REDEEM,
        ~select(back.id).where(back.reverses_id == LedgerEntry.id).exists(),
    )
    return session.scalar(had) or 0


def _uid(serial: str, reward: str, round_: int) -> str:
    """The same thing has the same name, and is written down once."""
    return "msg_" + hashlib.sha256(f"ready:{serial}:{reward}:{round_}".encode()).hexdigest()[:24]
