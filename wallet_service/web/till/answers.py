"""The JSON of what a cashier asks before anything is booked: what it would be worth, and whose card it is."""

from __future__ import annotations

from wallet_service.actions.at_till import AtTill
from wallet_service.actions.find_by_phone import Found
from wallet_service.actions.refund_slip import Candidate
from wallet_service.domain import redeeming
from wallet_service.domain.program import Program
from wallet_service.domain.rules import Evaluation
from wallet_service.web.languages import language
from wallet_service.web.page import counted, money, told
from wallet_service.web.reasons import reasons
from wallet_service.web.till.shapes import Json, day_text, moment_text


def quote(seen: AtTill, total: int, worth: Evaluation) -> Json:
    program = seen.program
    can_pay = redeeming.most_points(program, seen.stand.spendable, total)
    over, under = program.paying.worth if program.paying else (0, 1)
    earns = worth.points + worth.grants
    why = reasons(program, worth.steps)
    return {
        "total_text": money(total, program),
        "discount": worth.discount,
        "discount_text": money(worth.discount, program) if worth.discount else None,
        "earn_text": counted(earns, program) if earns else None,
        "can_pay": can_pay,
        "can_pay_text": counted(can_pay, program) if can_pay else None,
        "pays_text": money(can_pay * over // under, program) if can_pay else None,
        "why": told(why.why),
        "not_this_time": told(why.not_this_time) if why.not_this_time else None,
    }


def found(one: Found) -> Json:
    last = one.last and day_text(one.last, language())
    return {
        "serial": one.serial,
        "initials": one.initials,
        "phone": f"··· {one.tail}",
        "program": told(one.program),
        "last": last,
    }


def candidate(one: Candidate, program: Program) -> Json:
    return {
        "receipt": one.name,
        "total_text": money(one.left, program),
        "at": moment_text(one.at, program.time_zone, language()),
    }
