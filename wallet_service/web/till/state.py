"""What the till's page has to know before the first card: who is there, where, and which programs count."""

from __future__ import annotations

from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from wallet_service.actions import installation, tills
from wallet_service.actions.programs import in_force
from wallet_service.actions.shifts import Presence
from wallet_service.actions.tills import At
from wallet_service.domain.offline import HOURS, MOST_A_DAY
from wallet_service.domain.program import Program
from wallet_service.web.auth import who_is_there
from wallet_service.web.languages import language
from wallet_service.web.page import services, told
from wallet_service.web.till.shapes import Json
from wallet_service.web.till.terms import counts_visits, is_worth_a_look, scan_books, sign
from wallet_service.web.till_cookie import this_browser

SLOW_SECONDS = 3


def state() -> Json:
    """Told to whoever opens the page; only a till that is one learns of programs."""
    there = who_is_there()
    with services().sessions.read() as session:
        at = there.till if there else tills.known(session, this_browser())
        counting = _counting(session, at) if at else ()
        halted = installation.stands_still(session)
    return {
        "signed_in": there is not None and there.till is not None,
        "csrf": generate_csrf(),
        "operator": _operator(there),
        "shift": there.shift if there else None,
        "till": _till(at) if at else None,
        "language": language(),
        "sandbox": services().settings.sandbox,
        "quarantined": halted,
        "offline": {
            "most": MOST_A_DAY,
            "per_card_a_day": max((program.offline_a_day for program in counting), default=0),
            "hours": HOURS,
            "slow_seconds": SLOW_SECONDS,
        },
        "programs": [_program(program) for program in counting],
    }


def _counting(session: Session, at: At) -> tuple[Program, ...]:
    programs = in_force(session)
    return tuple(one for one in programs if at.programs is None or one.slug in at.programs)


def _operator(there: Presence | None) -> Json | None:
    if there is None:
        return None
    return {"id": there.person.id, "name": there.person.name, "role": there.person.role}


def _till(at: At) -> Json:
    return {"id": at.id, "name": at.name, "store": at.store, "store_name": at.store_name}


def _program(program: Program) -> Json:
    return {
        "slug": program.slug,
        "name": told(program.name),
        "sign": sign(program),
        "stamps": program.unit.cells,
        "by_visit": counts_visits(program),
        "scan_books": scan_books(program),
        "looks_first": is_worth_a_look(program),
        "goal": min((reward.cost for reward in program.rewards), default=None),
        "unit": program.unit.counted,
    }
