"""The act that a member's data was destroyed, with the extract of the log (152-FZ, order 179)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _

from wallet_service.actions.erase import RESTORED, RETENTION
from wallet_service.db.tables import Audit
from wallet_service.domain import chain
from wallet_service.web.office.data_kinds import kind_of_data
from wallet_service.web.office.printed import BLANK, moment, printed, said, table

ROW = tuple[Any, ...]


def destruction_page(lines: Sequence[Audit], system: str) -> str:
    """`lines` are those of the audit that say so, one for each card of the member."""
    note = _("Fill in what is blank and sign it. Keep the act and the extract for three years.")
    return printed(
        _("Act of the destruction of personal data"),
        (
            ("", table(_act(lines, system))),
            (_("Extract of the log of %(system)s", system=system), table(_extract(lines))),
            ("", said(*_what_stays(lines), note, _("This page is no legal advice."))),
        ),
    )


def _act(lines: Sequence[Audit], system: str) -> Iterator[ROW]:
    cards = ", ".join(line.subject.removeprefix("card:") for line in lines)
    yield _("Operator, and their address"), BLANK
    yield _("Whose data it was"), _("The holder of card %(cards)s", cards=cards)
    yield _("Categories of data"), _kinds([kind for line in lines for kind in line.detail.get("kinds", ())])
    yield _("Information system"), system
    yield _("How it was destroyed"), _("Deleted by the program; in backups, when they are replaced.")
    yield _("Why it was destroyed"), _reason(lines[-1])
    yield _("When it was destroyed"), _at(lines[-1])
    yield _("By whom: name, position, signature"), BLANK
    yield _("Date of the act"), BLANK


def _what_stays(lines: Sequence[Audit]) -> Iterator[str]:
    yield _("What was booked stays under the serial number, which names nobody.")
    if any("reference" in line.detail.get("kinds", ()) for line in lines):
        yield _("In the ledger the shop's own name for them stays as the key of their import.")


def _extract(lines: Sequence[Audit]) -> Iterator[ROW]:
    for line in lines:
        yield _at(line), line.subject, line.actor, _("destroyed"), _kinds(line.detail.get("kinds", ()))


def _reason(line: Audit) -> str:
    typed = str(line.detail.get("reason", ""))
    ours: dict[str, str] = {
        "": _("At the request of the person"),
        RETENTION: _("The time for which it may be kept was over"),
        RESTORED: _("Forgotten again after a restore"),
    }
    return ours.get(typed, typed)


def _kinds(kinds: Sequence[str]) -> str:
    return ", ".join(kind_of_data(kind) for kind in dict.fromkeys(kinds))


def _at(line: Audit) -> str:
    return moment(str(chain.moment(line.at)))
