"""The newest seals as a mail says them."""

from __future__ import annotations

from flask_babel import gettext as _

from wallet_service.db.tables import LedgerDay
from wallet_service.push.alarm_post import Letter


def heads_letter(seal: str, day: LedgerDay | None) -> Letter:
    """In the language that is spoken here. A mail that does not come is news, too."""
    lines = [
        _("Keep this mail. It shows later whether anything was changed or taken away since."),
        *([f"{_('Record of the office')}: flask wallet audit verify --head {seal}"] if seal else []),
        *([_("Ledger, root of %(day)s: %(root)s", day=day.day, root=day.root)] if day else []),
        _("It comes each night. When it does not, look whether `flask wallet worker` runs."),
    ]
    return Letter(_("The newest seals"), "\n\n".join(lines))
