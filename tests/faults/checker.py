"""The invariants of a town at rest: nothing acknowledged is missing, nothing is doubled, everybody who holds
a card sees its newest state.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import requests
from sqlalchemy import func, select

from tests.faults.count import Findings
from tests.faults.house import NAME, Held, House, wait_for
from tests.faults.tills import Memory
from tests.faults.witnesses import audit_amiss, never_listed
from wallet_service.actions.check_ledger import check_ledger
from wallet_service.actions.show import show
from wallet_service.db.tables import Card, LedgerEntry, Operation, Outbox, Registration
from wallet_service.domain.face import CardFace
from wallet_service.domain.plain import one_line

PATIENCE = 60.0


def check(house: House, memory: Memory, *, patience: float = PATIENCE) -> Findings:
    """Waits until nothing is due any more, and lifts no other hand. A web service and a worker are up."""
    amiss = [*_unsettled(house, patience)]
    amiss += [f"contradicted itself about {key}" for key in memory.contradicted]
    amiss += _ledger(house)
    missing, doubled = _counted(house, memory)
    stale = [*_stale_phones(house), *_stale_objects(house)]
    amiss += [*stale[:3], *_strays(house), *_never_listed(house), *_logs(house)]
    amiss += audit_amiss(house.shop.services, house.office)
    accepted = [push for push in house.pushes() if push["status"] == 200]
    return Findings(
        acknowledged=len(memory.told),
        missing=missing,
        doubled=doubled,
        stale=len(stale),
        amiss=tuple(amiss),
        worst=_worst(house, memory, accepted),
        pushes=len(accepted),
    )


def due(house: House) -> int:
    """Marks that a wallet has not heard of yet (I7)."""
    with house.shop.services.sessions.read() as session:
        return (
            session.scalar(select(func.count()).select_from(Outbox).where(Outbox.told < Outbox.wanted)) or 0
        )


def _unsettled(house: House, patience: float) -> Iterator[str]:
    until = time.monotonic() + patience
    while left := due(house):
        if time.monotonic() > until:
            yield f"{left} marks are still due after {patience:.0f} s: {_why(house)}"
            return
        time.sleep(0.1)


def _why(house: House) -> str:
    with house.shop.services.sessions.read() as session:
        mark = session.scalars(select(Outbox).where(Outbox.told < Outbox.wanted).limit(1)).first()
    if mark is None:
        return "none any more"
    return (
        f"{mark.wallet} told {mark.told} of {mark.wanted}, due {mark.due_at}, leased {mark.lease_until}, "
        f"tries {mark.tries}, parked {mark.parked}, {mark.last_error}"
    )


def _ledger(house: House) -> list[str]:
    """I1, I2, I3, I6, I7 and the chain of every card: the nightly check itself."""
    services = house.shop.services
    looks = check_ledger(services.sessions, wallets=services.wallets)
    return [str(finding) for looked in looks for finding in looked.findings][:5]


def _counted(house: House, memory: Memory) -> tuple[int, int]:
    """I4, I5: every press that was acknowledged stands in the ledger once, every other at most once."""
    with house.shop.services.sessions.read() as session:
        booked = session.execute(
            select(Operation.key, LedgerEntry.receipt, LedgerEntry.kind)
            .join(LedgerEntry, LedgerEntry.operation_id == Operation.id)
            .where(LedgerEntry.kind.in_(("earn", "redeem")))
        ).all()
    keys = Counter(key for key, _, _ in booked)
    receipts = Counter(receipt for _, receipt, kind in booked if kind == "earn")
    missing = sum(keys[key] == 0 for key in memory.told)
    doubled = sum(times > 1 for times in keys.values()) + sum(
        times > 1 for receipt, times in receipts.items() if receipt
    )
    known = memory.told.keys() | memory.given_up.keys()
    strange = sum(key not in known for key in keys if key.partition("-")[0].isdecimal())
    return missing, doubled + strange


def _stale_phones(house: House) -> Iterator[str]:
    """I8: since its last change each card's phone was woken, is told of it in the list, and gets it."""
    woken: dict[str, str] = {}
    for push in house.pushes():
        if push["status"] == 200:
            woken[push["token"]] = push["received_at"]
    changed = _changed(house)
    for held in house.held:
        last = changed.get(held.serial)
        if last is None:
            continue
        if held.push_token not in woken or datetime.fromisoformat(woken[held.push_token]) < last:
            yield f"card {held.serial} changed at {last}, its phone was woken at {woken.get(held.push_token)}"
        elif held.serial not in _listed(house, held):
            yield f"card {held.serial} is not in the list of its phone"
        elif (shown := _shown(house, held)) != (right := _face(house, held.serial)):
            yield f"the pass of card {held.serial} shows {shown}, the card is {right}"


def _changed(house: House) -> dict[str, datetime]:
    """When each card was last booked."""
    with house.shop.services.sessions.read() as session:
        found = session.execute(
            select(Card.serial, func.max(LedgerEntry.recorded_at))
            .join(LedgerEntry, LedgerEntry.card_id == Card.id)
            .where(LedgerEntry.kind.in_(("earn", "redeem")))
            .group_by(Card.serial)
        )
        return {row[0]: row[1] for row in found}


def _listed(house: House, held: Held) -> Sequence[str]:
    address = f"{house.web}/apple/v1/devices/{held.device}/registrations/{held.pass_type}"
    answer = requests.get(address, timeout=20)
    return answer.json()["serialNumbers"] if answer.status_code == 200 else []


def _shown(house: House, held: Held) -> tuple[str, str]:
    address = f"{house.web}/apple/v1/passes/{held.pass_type}/{held.serial}"
    answer = requests.get(address, headers={"Authorization": f"ApplePass {held.token}"}, timeout=20)
    if answer.status_code != 200:
        return str(answer.status_code), answer.text[:100]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        fields = json.loads(bundle.read("pass.json"))["storeCard"]
    return str(fields["headerFields"][0]["value"]), str(fields["secondaryFields"][0]["value"])


def _face(house: House, serial: str) -> tuple[str, str]:
    face = _drawn(house, serial)
    default = face.languages[0]
    return one_line(face.balance[default], 240), one_line(face.progress_text[default], 240)


def _drawn(house: House, serial: str) -> CardFace:
    """Out of the ledger, where `check_ledger` found nothing amiss."""
    services = house.shop.services
    with services.sessions.read() as session:
        return show(session, card=serial, links=services.links, now=house.shop.clock()).face


def _stale_objects(house: House) -> Iterator[str]:
    objects = house.objects()
    for held in house.held:
        if held.on_android:
            said = objects.get(held.serial, {}).get("loyaltyPoints", {}).get("balance", {}).get("string", "")
            progress = _drawn(house, held.serial).progress
            if said != (right := f"{progress.value}/{progress.goal}"):
                yield f"Google holds {said} of card {held.serial}, which is {right}"


def _strays(house: House) -> Iterator[str]:
    """I9."""
    with house.shop.services.sessions.read() as session:
        lone = session.scalar(
            select(func.count())
            .select_from(Registration)
            .outerjoin(Card, Card.id == Registration.card_id)
            .where(Card.id.is_(None))
        )
    if lone:
        yield f"{lone} registrations without a card"


def _never_listed(house: House) -> Iterator[str]:
    """I11: by what the phone heard that asks all the time."""
    asking = house.asking
    wait_for(asking.look, PATIENCE, "an answer for the phone that asks")
    with house.shop.services.sessions.read() as session:
        yield from [*asking.amiss, *never_listed(session, asking.device, asking.listed)][:3]


def _logs(house: House) -> Iterator[str]:
    """I12."""
    secrets = {
        NAME,
        house.api_key,
        *(one.push_token for one in house.held),
        *(one.token for one in house.held),
    }
    for log in sorted(Path(house.folder).glob("w*.log")):
        said = log.read_text(errors="replace")
        found = [secret for secret in secrets if secret in said]
        if found:
            yield f"{log.name} holds {len(found)} secrets or names"


def _worst(house: House, memory: Memory, accepted: Sequence[dict[str, str]]) -> float:
    """Each change is over with the first push of its card after it. Of a crowd nobody asks."""
    tokens = {held.serial: held.push_token for held in house.held}
    arrived: dict[str, list[datetime]] = {}
    for push in accepted:
        arrived.setdefault(push["token"], []).append(datetime.fromisoformat(push["received_at"]))
    worst = 0.0
    for receipt in memory.told.values():
        pushes = arrived.get(tokens.get(receipt.sale.serial, ""), ())
        after = [at for at in pushes if at >= receipt.booked_at]
        if after:
            worst = max(worst, (min(after) - receipt.booked_at).total_seconds())
    return worst
