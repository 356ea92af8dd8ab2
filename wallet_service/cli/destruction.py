"""`flask wallet member act`: the paper that says that a member's data was destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions.erase import VERB, of_one_person
from wallet_service.actions.forget_part import VERB as PART
from wallet_service.cli.handed_out import hand_out
from wallet_service.cli.opened import opened
from wallet_service.db.tables import Audit
from wallet_service.domain.errors import Conflict
from wallet_service.web.languages import OURS, speaking
from wallet_service.web.office.destruction_page import destruction_page


@click.command("act")
@click.argument("card")
@click.option("--language", type=click.Choice(OURS), default=OURS[0], show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Else named by the card.")
def act_command(card: str, language: str, out: Path | None) -> None:
    """The act and the extract of the log for the forgotten member of CARD (a serial), to be signed."""
    with opened() as services:
        with services.sessions.read() as session:
            serial, *_merged = serials = of_one_person(session, card)
            lines = _destroyed(session, serials)
        with speaking(language):
            page = destruction_page(lines, urlsplit(services.settings.public_url).hostname or "")
    path = out or Path(f"destruction-{serial}.html")
    hand_out(path, page.encode())
    click.echo(f"{path} is written. Print it, fill in what is blank, and sign it.")


def _destroyed(session: Session, serials: Sequence[str]) -> Sequence[Audit]:
    subjects = [f"card:{serial}" for serial in serials]
    told = select(Audit).where(Audit.subject.in_(subjects), Audit.verb.in_((VERB, PART))).order_by(Audit.id)
    lines = session.scalars(told).all()
    if not lines:
        raise Conflict("The member of this card was not forgotten: `flask wallet erase` does it.")
    return lines
