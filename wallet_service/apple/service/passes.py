"""A card's row in Apple's part: made when the card is first issued, its pass type never changes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from wallet_service.actions import held_look, programs
from wallet_service.actions.erase import is_erased
from wallet_service.apple.service.desk import AppleDesk
from wallet_service.db.missing import insert_missing
from wallet_service.db.tables import ApplePass, ApplePassType, Card
from wallet_service.db.tables.cards import LEFT
from wallet_service.domain.errors import UnknownCard

EPOCH_BYTES = 4


def pass_of(session: Session, desk: AppleDesk, card: Card) -> ApplePass:
    """Call it with the card locked."""
    return session.get(ApplePass, card.id) or _opened(session, desk, card)


def _opened(session: Session, desk: AppleDesk, card: Card) -> ApplePass:
    if card.status == LEFT and is_erased(session, card.serial):
        raise UnknownCard("The member of this card is forgotten.")
    program, _ = programs.current(session, card.program.slug)
    template = held_look.of_card(
        session, program_id=card.program_id, card_id=card.id, template=program.template
    )
    pass_type = desk.pass_type_for(template)
    epoch = desk.services.entropy(EPOCH_BYTES).hex()
    insert_missing(session, ApplePassType, identifier=pass_type, epoch=epoch)
    row = ApplePass(card_id=card.id, pass_type=pass_type)
    session.add(row)
    session.flush()
    return row
