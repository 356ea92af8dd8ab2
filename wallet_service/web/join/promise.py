"""What makes somebody take a card: its first steps are made already."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from wallet_service.domain import wording
from wallet_service.domain.goals import first_goal
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind, Progress, Standing, progress
from wallet_service.domain.rules import evaluate_join
from wallet_service.web.page import told


def promise(program: Program, now: datetime) -> str:
    steps = first_steps(program, now)
    if not steps.value or not steps.goal:
        return told(first_goal(program).name)
    sum = told(wording.balance(program, steps))
    said: str = (
        _("%(sum)s is already yours", sum=sum) if steps.money else _("%(sum)s are already yours", sum=sum)
    )
    return said


def first_steps(program: Program, now: datetime) -> Progress:
    """The card as it will be: what is given is there already (D4)."""
    goal = first_goal(program)
    if goal.measure == "status":
        return progress(Standing(), goal.cost, cells=False, money=goal.money)
    given = program.welcome + evaluate_join(program, now).grants
    standing = Standing(balance=given, endowed=program.welcome, last=Kind.GRANT)
    return progress(standing, goal.cost, cells=program.unit.cells, money=goal.money)
