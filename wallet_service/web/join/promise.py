"""The one line that makes somebody take a card."""

from __future__ import annotations

from flask_babel import gettext as _

from wallet_service.domain.program import Program
from wallet_service.web.page import told


def promise(program: Program) -> str:
    if not program.welcome:
        return told(program.goal.name)
    return _(
        "%(value)s of %(goal)s are already yours",
        value=program.welcome,
        goal=program.goal.cost,
    )
