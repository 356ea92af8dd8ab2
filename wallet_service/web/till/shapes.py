"""The JSON that the till's page shows: built here and nowhere else, in the language of the page."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from wallet_service.actions.at_till import AtTill
from wallet_service.actions.entries import Entry
from wallet_service.actions.once import Booking
from wallet_service.actions.reverse import UNDO
from wallet_service.domain import redeeming, wording
from wallet_service.domain.errors import AskFirst
from wallet_service.domain.face import HistoryLine
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind, Progress
from wallet_service.domain.rules import MOST_MONEY
from wallet_service.web.error_texts import sentence
from wallet_service.web.languages import language, spoken
from wallet_service.web.looks import Look, bar_svg, look
from wallet_service.web.page import services, told
from wallet_service.web.reasons import Reasons, reasons
from wallet_service.web.till.terms import counts_visits, is_worth_a_look, scan_books, sign
from wallet_service.web.till.texts import pay_up_to, to_be_spent_later

Json = dict[str, Any]
FINAL = (Kind.REVERSE, Kind.REFUND, Kind.GRANT)
TAIL = 4


def card_screen(seen: AtTill, asks: AskFirst | None = None) -> Json:
    """`asks`: the scan would have been booked, but a guard wants to know whether it is meant."""
    return _screen("card", seen) | {
        "asks": None if asks is None else {"flags": str(asks.facts["flags"]).split(), "said": said(asks)}
    }


def booked_screen(
    seen: AtTill, booking: Booking, decided_by: Program, *, undone: bool, now: datetime
) -> Json:
    """`undone`: it was taken back since, or is the taking back itself. What another press
    booked is only shown.
    """
    first = booking.entry
    back = undone or first.kind is Kind.REVERSE
    done = back or booking.before
    more = scan_books(seen.program) and first.kind is Kind.EARN and not done
    return _screen("booked", seen) | {
        "entry": _entry(booking, decided_by, back=back),
        "undo_seconds": 0 if done else undo_seconds(first, now),
        "more": more,
    }


def headline(entry: Entry, decided_by: Program) -> str:
    reward = decided_by.reward(entry.reward) if entry.reward else None
    return told(wording.history_line(decided_by, entry.kind, entry.points, reward, money=entry.money))


def said(error: AskFirst) -> Json:
    told_so = sentence(error)
    return {"title": told_so.title, "text": told_so.text}


def undo_seconds(entry: Entry, now: datetime) -> int:
    if entry.kind in FINAL:
        return 0
    return max(int((entry.recorded_at + UNDO - now).total_seconds()), 0)


def _screen(kind: str, seen: AtTill) -> Json:
    program, stand = seen.program, seen.stand
    tongue = spoken(program.languages)  # asked once: this is on the way of every scan
    return {
        "kind": kind,
        "card": _card(seen, tongue),
        "ready": [{"id": reward.id, "name": reward.name[tongue]} for reward in stand.ready],
        "pay": _pay(seen, tongue),
        "by_visit": counts_visits(program),
        "looks_first": is_worth_a_look(program),
        "stamps": program.unit.cells,
        "money": program.unit.money,
        "sign": sign(program),
        "entry": None,
        "undo_seconds": 0,
        "more": False,
        "asks": None,
    }


def _card(seen: AtTill, tongue: str) -> Json:
    program, stand = seen.program, seen.stand
    looks, page = look(program, services().settings.templates_dir), language()
    return {
        "serial": stand.serial,
        "tail": stand.number[-TAIL:],
        "program": program.slug,
        "program_name": program.name[tongue],
        "initials": seen.initials,
        "balance": wording.balance(program, stand.progress)[tongue],
        "progress_text": wording.progress_text(program, stand.progress, stand.goal)[tongue],
        "bar": _bar(stand.progress, looks),
        "value": stand.progress.value,
        "goal": stand.progress.goal,
        "tier": _tier(seen, tongue),
        "expiring": _expiring(seen, tongue),
        "pending": _pending(seen, tongue),
        "colours": {
            "card": looks.theme.background.hex,
            "ink": looks.theme.foreground.hex,
            "soft": looks.theme.label.hex,
        },
        "history": [_line(line, program.time_zone, tongue, page) for line in seen.last],
    }


@lru_cache(maxsize=2048)
def _bar(progress: Progress, looks: Look) -> str:
    return str(bar_svg(progress, looks))


def _tier(seen: AtTill, tongue: str) -> Json | None:
    level = seen.stand.level
    if level is None:
        return None
    return {"name": level.name[tongue], "benefits": level.benefits[tongue] if level.benefits else None}


def _expiring(seen: AtTill, tongue: str) -> str | None:
    burning = seen.stand.burning
    if burning is None:
        return None
    return wording.expiring(seen.program, burning.points, burning.at, seen.stand.now)[tongue]


def _pending(seen: AtTill, tongue: str) -> str | None:
    """Why the balance is less than what was earned."""
    pending = seen.stand.pending
    return to_be_spent_later(wording.counted(seen.program, pending, tongue)) if pending else None


def _pay(seen: AtTill, tongue: str) -> Json | None:
    """On a receipt that is large enough."""
    most = redeeming.most_points(seen.program, seen.stand.spendable, MOST_MONEY)
    if not most:
        return None
    return {"most": most, "text": pay_up_to(wording.counted(seen.program, most, tongue))}


def _entry(booking: Booking, decided_by: Program, *, back: bool) -> Json:
    first = booking.entry
    why = reasons(decided_by, [step for entry in booking.entries for step in entry.steps])
    if back and first.kind is not Kind.REVERSE:
        why = Reasons(wording.STEPS["reversed"])
    return {
        "id": first.id,
        "kind": first.kind.value,
        "points": first.points,
        "nothing": not any(entry.points for entry in booking.entries) and not _grows(first, decided_by),
        "headline": headline(first, decided_by),
        "why": told(why.why),
        "not_this_time": told(why.not_this_time) if why.not_this_time else None,
        "taken_back": back,
        "before": booking.before,
    }


def _grows(entry: Entry, program: Program) -> bool:
    """A purchase that brings no points may bring the next tier."""
    return program.tiers is not None and program.tiers.counts != "points" and entry.kind is Kind.EARN


def _line(line: HistoryLine, zone: str, tongue: str, page: str) -> Json:
    return {
        "text": line.text.get(tongue) or told(line.text),
        "when": moment_text(line.occurred_at, zone, page),
    }


def moment_text(moment: datetime, zone: str, page: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day_text(local.date(), page)}, {local.hour:02}:{local.minute:02}"


@lru_cache(maxsize=512)
def day_text(day: date, tongue: str) -> str:
    return str(format_date(day, "d MMMM", locale=tongue))
