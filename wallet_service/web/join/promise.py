"""What makes somebody take a card: its first steps are made already."""

from __future__ import annotations

from flask_babel import gettext as _

from wallet_service.domain.goals import first_goal
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind, Progress, Standing, progress
from wallet_service.web.page import told


def promise(program: Program) -> str:
    goal = first_goal(program)
    if not program.welcome:
        return told(goal.name)
    said: str = _(
        "%(value)s of %(goal)s are already yours",
        value=program.welcome,
        goal=goal.cost,
    )
    return said


def first_steps(program: Program) -> Progress:
    """The card as it will be: what is given is there already (D4)."""
    given, goal = (
        Standing(balance=program.welcome, endowed=program.welcome, last=Kind.GRANT),
        first_goal(program),
    )
    return progress(
        given, goal.cost, cells=goal.measure == "balance" and program.unit.cells, money=goal.money
    )
