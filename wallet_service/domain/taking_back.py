"""Taking back: the undo of a press of a button, and the refund of a receipt, whole or in parts.

What was earned is taken from its own lot first, then from any other, then as a deficit, or as the program's
refund policy says. What was spent goes back to the very lots it came from. Points that had burnt were never
had, and are not taken a second time; those that burn after days of grace count as had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from wallet_service.domain import expiry, lots
from wallet_service.domain.errors import PointsSpent
from wallet_service.domain.ledger import OWN, Draft, Holding, Terms, burnt, carried_after
from wallet_service.domain.local_days import local_day
from wallet_service.domain.lots import Lot, Take
from wallet_service.domain.program import Program, Refunds
from wallet_service.domain.progress import Kind
from wallet_service.domain.rules import Circumstances, Evaluation, Purchase, Step, evaluate, what_is_left

CLAMPED, RECOUPED = "clamped", "recouped"
"""Steps: what a refund let go because it was spent, and what came back of that with the reward."""


@dataclass(frozen=True)
class Booked:
    """An entry of the ledger. `takes` are its allocations; `gone` is what burnt of its own lot."""

    id: int
    seq: int
    kind: Kind
    points: int
    status: int = 0
    endowed: int = 0
    reward: str | None = None
    total: int | None = None
    receipt: str | None = None
    natural_key: str | None = None
    takes: tuple[Take, ...] = ()
    gone: int = 0


@dataclass(frozen=True)
class Owed:
    """What a refund takes back: of points and status all that is due by now, of the carried fraction the
    change. `left` is what the rest of the receipt is worth.
    """

    points: int
    status: int
    carried: Fraction
    left: Evaluation


def owed(
    program: Program,
    purchase: Purchase,
    seen: Circumstances,
    target: Booked,
    *,
    before: int = 0,
    after: int | None = None,
) -> Owed:
    """The receipt is evaluated again as it stands once `after` minor units came back in all (None: all of
    it), `before` of them earlier; so that any number of parts ends where one would (invariant 8). The
    circumstances are those of the purchase: its tier, its limits, its fraction.
    """
    then = _standing(program, purchase, seen, before, target)
    now = _standing(program, purchase, seen, after, target)
    # a refund gives nothing, even where a smaller receipt would have earned more
    exact = min(_exact(now, seen) - _exact(then, seen), Fraction(0))
    return Owed(
        points=target.points - now.points,
        status=target.status - now.status,
        left=now,
        carried=exact + max(then.points - now.points, 0),
    )


def undone(
    program: Program,
    entries: Iterable[Booked],
    fraction: Fraction,
    holding: Holding,
    known: Mapping[int, Lot],
    seq: int,
    now: datetime,
    kind: Kind = Kind.REVERSE,
    owing: int = 0,
) -> tuple[Draft, ...]:
    """Takes back a whole operation: what comes back to the card first, then what is taken from it. `fraction`
    is the change of the carried one; `seq` the card's last number; `known` the closed lots to give back to;
    `owing` what refunds let go since, because it was spent on this.
    """
    drafts: list[Draft] = []
    for entry in sorted(entries, key=lambda entry: (entry.points > 0, entry.seq)):
        made = (
            _given_back(program, entry, holding, known, now, kind, owing)
            if entry.points < 0
            else (_taken(program, entry, entry.points - entry.gone, holding, kind),)
        )
        for draft in made:
            seq += 1
            holding = holding.after(draft, seq, known)
            drafts.append(draft)
    return _with_fraction(drafts, holding, fraction)


def with_slip(drafts: Sequence[Draft], entry: int, slip: str | None) -> tuple[Draft, ...]:
    """What takes back this entry carries the number of the slip it is taken back with."""
    if slip is None:
        return tuple(drafts)
    return tuple(
        replace(draft, natural_key=slip) if draft.reverses and draft.reverses[0] == entry else draft
        for draft in drafts
    )


def part_refunded(
    program: Program,
    target: Booked,
    due: Owed,
    holding: Holding,
    *,
    back: int,
    part: int,
    taken: int,
    status: int,
) -> Draft:
    """`back` minor units came back, as number `part`; earlier parts were due to take `taken` points, and took
    so much `status`.
    """
    draft = _taken(program, target, max(due.points - target.gone - taken, 0), holding, Kind.REFUND)
    facts = (("back", back), ("total", target.total), ("earned", target.points), ("taken", due.points))
    return replace(
        draft,
        steps=(Step("refunded_part", draft.points, facts), *draft.steps[1:]),
        status=-max(due.status - status, 0),
        total=-back,
        carried=carried_after(holding.carried, due.carried),
        natural_key=None if target.natural_key is None else f"{target.natural_key}#{part}",
    )


def gift_refunded(program: Program, gift: Booked, left: int, taken: int, holding: Holding) -> Draft | None:
    """What the rules gave beside the points goes back as far as the rest of the receipt, which would be given
    `left`, does not deserve it.
    """
    due = gift.points - min(left, gift.points) - gift.gone - taken
    return _taken(program, gift, due, holding, Kind.REFUND) if due > 0 else None


def was_due(points: int, steps: Iterable[Step]) -> int:
    """What an earlier part was to take: what it took, and what the policy let go."""
    return -points + told(steps, CLAMPED, "short")


def told(steps: Iterable[Step], rule: str, name: str) -> int:
    """The sum of a figure in a trace."""
    found = (fact for step in steps if step.rule == rule for key, fact in step.facts if key == name)
    return sum(fact for fact in found if isinstance(fact, int))


def _standing(
    program: Program, purchase: Purchase, seen: Circumstances, back: int | None, target: Booked
) -> Evaluation:
    """What the receipt is worth with so much gone; never more than it earned."""
    if back is None or (target.total is not None and back >= target.total > 0):
        return Evaluation(0, (), carried=seen.carried)
    worth = evaluate(program, what_is_left(program, purchase, back) if back else purchase, seen)
    if not back:
        return replace(worth, points=target.points, status=target.status)
    return replace(worth, points=min(worth.points, target.points), status=min(worth.status, target.status))


def _exact(worth: Evaluation, seen: Circumstances) -> Fraction:
    return worth.points + Fraction(*worth.carried) - Fraction(*seen.carried)


def _taken(program: Program, entry: Booked, due: int, holding: Holding, kind: Kind) -> Draft:
    takes = lots.claw_back(holding.lots, due, own=entry.seq)
    short = due - sum(take.amount for take in takes)
    if short and program.refunds is Refunds.REFUSE:
        raise PointsSpent(
            f"{short} of the {due} points that would be taken back are spent already. "
            "Take the reward back first, or refund without the card.",
            due=due,
            spent=short,
        )
    clamped = program.refunds is Refunds.CLAMP
    points = due - short if clamped else due
    return Draft(
        kind,
        -points,
        tuple(_why(kind, points, short, entry.gone, clamped=clamped)),
        status=-entry.status,
        endowed=-min(entry.endowed, holding.endowed),
        takes=takes,
        total=None if entry.total is None else -entry.total,
        reward=entry.reward,
        reverses=(entry.id, entry.seq),
        receipt=entry.receipt,
    )


def _why(kind: Kind, points: int, short: int, gone: int, *, clamped: bool) -> Iterable[Step]:
    yield Step("refunded" if kind is Kind.REFUND else "reversed", -points)
    if gone:
        yield Step("burnt_since", 0, (("points", gone),))
    if short:
        yield Step(CLAMPED if clamped else "into_debt", 0, (("short", short),))


def _given_back(
    program: Program,
    entry: Booked,
    holding: Holding,
    known: Mapping[int, Lot],
    now: datetime,
    kind: Kind,
    owing: int,
) -> tuple[Draft, ...]:
    """To the same lots, with the same days (invariant 7); a lot that burnt meanwhile lives for the program's
    days of grace, or burns again at once. A debt is paid first.
    """
    zone, recouped = program.time_zone, min(owing, -entry.points)
    amount = -entry.points - recouped
    debt = min(holding.deficit, amount)
    came = _less(entry.takes, debt + recouped)
    open_lots = {lot.seq: lot for lot in holding.lots}
    late = [take for take in came if (open_lots.get(take.lot) or known[take.lot]).burnt(now)]
    burnt_points = sum(take.amount for take in late)
    until = expiry.grace_until(program, now) if late else None
    steps = [Step("refunded" if kind is Kind.REFUND else "given_back", amount)]
    takes = [Take(take.lot, -take.amount) for take in came]
    if debt:
        steps.append(Step("absorbed", 0, (("points", debt),)))
    if recouped:
        steps.append(Step(RECOUPED, 0, (("points", recouped),)))
    if until is not None:
        day = local_day(until - until.resolution, zone).isoformat()
        steps.append(Step("graced", 0, (("points", burnt_points), ("day", day))))
        takes = [Take(take.lot, -take.amount) for take in came if take not in late]
        takes += [Take(OWN, debt)] if debt else []
    elif late:
        steps.append(Step("burnt_since", 0, (("points", burnt_points),)))
    back = Draft(
        kind,
        amount,
        tuple(steps),
        status=-entry.status,
        endowed=-entry.endowed,
        takes=tuple(takes),
        terms=None if until is None else Terms(now, until),
        total=None if entry.total is None else -entry.total,
        reward=entry.reward,
        reverses=(entry.id, entry.seq),
        receipt=entry.receipt,
    )
    if until is not None or not late:
        return (back,)
    again = [replace(known[take.lot], left=take.amount) for take in late]
    return (back, *burnt(replace(holding, lots=again, endowed=0), zone, now))


def _less(takes: Sequence[Take], debt: int) -> list[Take]:
    left = []
    for take in takes:
        part = min(take.amount, debt)
        debt -= part
        if take.amount > part:
            left.append(Take(take.lot, take.amount - part))
    return left


def _with_fraction(drafts: Sequence[Draft], holding: Holding, fraction: Fraction) -> tuple[Draft, ...]:
    if not fraction or not drafts:
        return tuple(drafts)
    return (*drafts[:-1], replace(drafts[-1], carried=carried_after(holding.carried, fraction)))
