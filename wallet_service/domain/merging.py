"""What leaves one card and comes to another when the two are merged."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from wallet_service.domain import lots
from wallet_service.domain.ledger import Draft, Holding, Terms, carried_after
from wallet_service.domain.lots import Take
from wallet_service.domain.progress import Kind
from wallet_service.domain.rules import Step

REASON = "merged"


def out(dropped: Holding, status: int) -> tuple[Draft, ...]:
    """One line that empties the card, a debt included."""
    draft = Draft(
        Kind.ADJUST,
        -dropped.balance,
        (Step("merged_out", -dropped.balance),),
        status=-status,
        endowed=-dropped.endowed,
        takes=tuple(Take(lot.seq, lot.left) for lot in dropped.lots),
        carried=(0, 1),
        note=REASON,
    )
    return (draft,)


def came(dropped: Holding, kept: Holding, status: int) -> tuple[Draft, ...]:
    """A line for each lot, so that every point keeps its days; a debt takes from what the card has."""
    carried = carried_after(kept.carried, Fraction(*dropped.carried))
    if not dropped.lots:
        takes = lots.claw_back(kept.lots, dropped.deficit)
        points = -dropped.deficit
        return (_line(points, status, carried=carried, takes=takes),)
    drafts: list[Draft] = []
    debt = kept.deficit
    for place, lot in enumerate(dropped.lots):
        paid = min(debt, lot.left)
        debt -= paid
        own = Terms(lot.available_from, None if lot.slides else lot.expires_at, lot.slides, lot.gift)
        drafts.append(
            _line(
                lot.left,
                status if place == 0 else 0,
                carried=carried,
                takes=(Take(0, paid),) if paid else (),
                terms=own,
                endowed=lot.left if lot.gift else 0,
            )
        )
    return tuple(drafts)


def _line(
    points: int,
    status: int,
    *,
    carried: tuple[int, int],
    takes: Sequence[Take] = (),
    terms: Terms | None = None,
    endowed: int = 0,
) -> Draft:
    return Draft(
        Kind.ADJUST,
        points,
        (Step("merged_in", points),),
        status=status,
        endowed=endowed,
        takes=tuple(takes),
        terms=terms,
        carried=carried,
        note=REASON,
    )
