"""Cards that a campaign has not come to, and that show its version all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from wallet_service.actions import campaigns
from wallet_service.db.tables import Campaign, Card, Telling
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain.rollout import ALL
from wallet_service.push import bulk
from wallet_service.push.bulk import Cards

MOST = 2_000
"""Told in one transaction, for which a till may have to wait."""


def bystanders(session: Session, campaign: Campaign, marked: Cards) -> Sequence[int] | None:
    """Those made since it began, and those whose phones were told of a purchase since, none of them among
    the `marked`; None where they are so many that everybody had better hear.
    """
    if marked == campaigns.everybody(session, campaign.program):
        return ()
    those = (Card.program_id == campaign.program_id, Card.status == ACTIVE, ~bulk.meant(marked))
    found: set[int] = set()
    for way in _ways(session, campaign):
        found |= {*session.scalars(way.where(*those).limit(MOST + 1))}
    return sorted(found) if len(found) <= MOST else None


def _ways(session: Session, campaign: Campaign) -> Iterator[Select[int]]:
    yield select(Card.id).where(Card.id > campaign.bound)
    if not _holds_all_of_it(session, campaign):
        lately = select(Card.id).join(Telling, Telling.card_id == Card.id).distinct()
        yield lately.where(Telling.accepted_at >= campaign.created_at)


def _holds_all_of_it(session: Session, campaign: Campaign) -> bool:
    """Whether the look is all that changed, and the look of before was shown outside of the step."""
    if campaign.look_before is None or campaign.percent >= ALL:
        return False
    before, after = (
        {**campaigns.body(session, campaign.program_id, version), "template": None}
        for version in (campaign.from_version, campaign.to_version)
    )
    return before == after
