"""Which entries an action writes: pure drafts, booked by the actions in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wallet_service.domain.errors import NotEnoughPoints
from wallet_service.domain.program import Program, Reward
from wallet_service.domain.progress import Kind, Standing
from wallet_service.domain.rules import Evaluation, Step


@dataclass(frozen=True)
class Draft:
    """One entry to be: signed changes of balance, status and endowed part, and why.

    `reverses` is the id of the entry that this one takes back.
    """

    kind: Kind
    points: int
    steps: tuple[Step, ...]
    status: int = 0
    endowed: int = 0
    reward: str | None = None
    reverses: int | None = None


@dataclass(frozen=True)
class Booked:
    """The figures of an entry that stands in the ledger."""

    id: int
    kind: Kind
    points: int
    status: int
    endowed: int
    reward: str | None


def joined(program: Program) -> tuple[Draft, ...]:
    """The welcome gift, drawn as progress already made (D4)."""
    return _gift(program, "welcome")


def earned(evaluation: Evaluation) -> tuple[Draft, ...]:
    """A purchase is always written down, even when it earns nothing: its trace says why."""
    return (Draft(Kind.EARN, evaluation.points, evaluation.steps, status=evaluation.points),)


def redeemed(program: Program, reward: Reward, standing: Standing) -> tuple[Draft, ...]:
    """The reward's price, and the gift that starts the new round (D10)."""
    if standing.balance < reward.cost:
        missing = reward.cost - standing.balance
        raise NotEnoughPoints(
            f"This reward costs {reward.cost}, the card has {standing.balance}: {missing} more are needed.",
            cost=reward.cost,
            balance=standing.balance,
            missing=missing,
        )
    price = Draft(
        Kind.REDEEM,
        -reward.cost,
        (Step("reward", -reward.cost, (("reward", reward.id),)),),
        endowed=-standing.endowed,
        reward=reward.id,
    )
    return (price, *_gift(program, "new_round"))


def adjusted(points: int, reason: str, standing: Standing) -> tuple[Draft, ...]:
    """A correction by hand; it may take all that is there, not more."""
    if points < 0 and standing.balance + points < 0:
        raise NotEnoughPoints(
            f"The card has {standing.balance}: a correction cannot take {-points}.",
            balance=standing.balance,
            missing=-points - standing.balance,
        )
    return (Draft(Kind.ADJUST, points, (Step("adjusted", points, (("reason", reason),)),)),)


def reversal(entries: Iterable[Booked], kind: Kind = Kind.REVERSE) -> tuple[Draft, ...]:
    """Takes back all entries of one operation, the last one first; `kind` is REVERSE or REFUND."""
    return tuple(
        _take_back(entry, kind) for entry in sorted(entries, key=lambda entry: entry.id, reverse=True)
    )


def _take_back(entry: Booked, kind: Kind) -> Draft:
    why = "refunded" if kind is Kind.REFUND else "reversed"
    return Draft(
        kind,
        -entry.points,
        (Step(why, -entry.points),),
        status=-entry.status,
        endowed=-entry.endowed,
        reward=entry.reward,
        reverses=entry.id,
    )


def _gift(program: Program, why: str) -> tuple[Draft, ...]:
    if not program.welcome:
        return ()
    points = program.welcome
    return (Draft(Kind.GRANT, points, (Step(why, points),), endowed=points),)
