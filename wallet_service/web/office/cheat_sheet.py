"""The cheat sheet of a program: what a cashier has to know, told by the very words that the till uses."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from wallet_service.actions import programs
from wallet_service.art.cheat_sheet import CheatSheet, Section, cheat_sheet
from wallet_service.domain import wording
from wallet_service.domain.goals import first_goal
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind, Progress, Standing, progress
from wallet_service.web import languages
from wallet_service.web.auth import needs
from wallet_service.web.error_texts import sentence_of_status
from wallet_service.web.limits import limiter
from wallet_service.web.looks import look
from wallet_service.web.page import services, told
from wallet_service.web.till.terms import counts_visits, scan_books

office_cheat_sheet = Blueprint("office_cheat_sheet", __name__, url_prefix="/office")

NOES = (
    "unknown-card",
    "foreign-card",
    "bad-card-number",
    "card-not-active",
    "card-blocked",
    "card-replaced",
    "code-ran-out",
    "own-card",
)
"""Those that a cashier has to solve with the guest in front of them."""
PICTURED = 0.6
"""How far the bar of the pictured card has come."""


@office_cheat_sheet.get("/programs/<slug>/cheat-sheet.pdf")
@needs("admin")
@limiter.limit("20 per minute")
def sheet(slug: str) -> Response:
    with services().sessions.read() as session:
        program, _version = programs.current(session, slug)
    if (asked := request.args.get("lang")) in languages.OURS:
        languages.speak_once(str(asked))
    made = cheat_sheet(_sheet(program))
    response = Response(made, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename={program.slug}-cheat-sheet.pdf"
    return response


def _sheet(program: Program) -> CheatSheet:
    bar = _pictured(program)
    return CheatSheet(
        language=languages.language(),
        title=_("At the till"),
        shop=program.organization,
        card_name=told(program.name),
        card_sum=told(wording.balance(program, bar)),
        card_news=told(wording.progress_text(program, bar, first_goal(program))),
        bar=bar,
        theme=look(program, services().settings.templates_dir).theme,
        left=(_steps(program), _ways(), _keys(program), _without_network()),
        right=(_rules(program), _noes()),
    )


def _pictured(program: Program) -> Progress:
    """On its way, so that everybody sees what a bar is."""
    goal = first_goal(program)
    standing = Standing(balance=int(goal.cost * PICTURED), endowed=0, last=Kind.EARN)
    return progress(standing, goal.cost, cells=program.unit.cells, money=goal.money)


def _steps(program: Program) -> Section:
    first = _("Scan the card of the guest.")
    if scan_books(program):
        second = _("It is booked at once: look at the new bar. More than one? Press +1 more.")
    elif counts_visits(program):
        second = _("Type the amount and press Enter, or press +1 visit. Look at the new bar.")
    else:
        second = _("Type the amount and press Enter. Look at the new bar.")
    third = _("A reward is ready: hand it over, then press the large button.")
    return Section(_("Every guest"), (("1", first), ("2", second), ("3", third)))


def _ways() -> Section:
    return Section(
        _("Four ways to find a card"),
        (
            (_("Scanner"), _("Scan at any time, whatever the page shows.")),
            (_("Camera"), _("Press Camera and hold the code in front of it.")),
            (_("Number"), _("Type the 19 digits under the code. A slip is noticed.")),
            (_("Phone"), _("Type the last 4 digits of the member's phone.")),
        ),
    )


def _keys(program: Program) -> Section:
    lines = [("F2", _("Amount"))]
    if counts_visits(program):
        lines.append(("F3", _("+1 visit, or one more")))
    lines += [
        ("F4", _("Give the reward")),
        ("F8", _("Undo the last booking, within 60 seconds; later with a manager")),
        ("Esc", _("Next card")),
    ]
    return Section(_("Keys on the keyboard"), tuple(lines))


def _without_network() -> Section:
    said = _("Go on: what you book waits on the till and is sent by itself. Rewards have to wait.")
    after = _("Every booking that waited gets its answer on the page: credited, or why not.")
    return Section(_("Without a network"), (("", said), ("", after)))


def _rules(program: Program) -> Section:
    spoken = languages.spoken(program.languages)
    lines = wording.rules(program)[spoken].splitlines()
    return Section(_("How a card earns"), tuple(("", line) for line in lines if line.strip()))


def _noes() -> Section:
    """As the till says them."""
    missing = (_("Not enough yet"), _("Some points are still missing for this."))
    said = [sentence_of_status(slug) for slug in NOES]
    return Section(_("When the till says no"), (missing, *((one.title, one.text) for one in said)))
