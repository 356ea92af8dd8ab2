"""The JSON of the machine API: cards, entries, quotes and pages, built here and nowhere else."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from wallet_service.actions.entries import Entry
from wallet_service.actions.links import Links
from wallet_service.actions.stand import Stand
from wallet_service.actions.statement import Page
from wallet_service.api import told
from wallet_service.domain import redeeming, wording
from wallet_service.domain.errors import Invalid, UnknownEntry
from wallet_service.domain.program import Program, Reward
from wallet_service.domain.rules import Evaluation, Purchase, Step

Tongue = Callable[[Program], str]
"""Which of a program's languages the caller hears."""

ENTRY = "e"
LONGEST_ID = 18  # digits that every database holds


@dataclass(frozen=True)
class Teller:
    """In which language cards are told, and which addresses they have."""

    tongue: Tongue
    links: Links
    wallets: tuple[str, ...]


def card(stand: Stand, teller: Teller) -> told.Card:
    program, language = stand.program, teller.tongue(stand.program)
    return {
        "serial": stand.serial,
        "number": stand.number,
        "program": program.slug,
        "status": _status(stand),
        "balance": stand.balance,
        "progress": {
            "value": stand.progress.value,
            "goal": stand.progress.goal,
            "unit": "money" if stand.goal.money else program.unit.counted,
            "reward": stand.goal.id,
            "text": wording.progress_text(program, stand.progress, stand.goal)[language],
        },
        "tier": stand.level.id if stand.level else None,
        "rewards": [_reward(reward, stand, language) for reward in program.rewards],
        "spendable": stand.spendable,
        "pending": stand.pending,
        "expiring": _expiring(stand),
        "links": _links(stand.serial, teller),
    }


def _status(stand: Stand) -> told.Status:
    if not stand.active:
        return "left"
    return "blocked" if stand.account.card.blocked_at else "active"


def _expiring(stand: Stand) -> told.Burning | None:
    burning = stand.burning
    return {"points": burning.points, "at": utc(burning.at)} if burning else None


def _reward(reward: Reward, stand: Stand, language: str) -> told.Reward:
    return {
        "id": reward.id,
        "name": reward.name[language],
        "cost": reward.cost,
        "available": stand.can_have(reward),
        "missing": max(reward.cost - stand.spendable, 0),
    }


def _links(serial: str, teller: Teller) -> told.Links:
    page = teller.links.page(serial)  # signed once
    return {
        "page": page,
        "apple": f"{page}/apple" if "apple" in teller.wallets else None,
        "google": f"{page}/google" if "google" in teller.wallets else None,
    }


def booked(entry_booked: Entry, decided_by: Program, stand: Stand, teller: Teller) -> told.Booked:
    return {"entry": entry(entry_booked, decided_by, teller.tongue), "card": card(stand, teller)}


def entry(booked: Entry, decided_by: Program, tongue: Tongue) -> told.Entry:
    return {
        "id": f"{ENTRY}{booked.id}",
        "kind": booked.kind,
        "points": booked.points,
        "balance_after": booked.balance_after,
        "occurred_at": utc(booked.occurred_at),
        "recorded_at": utc(booked.recorded_at),
        "receipt": booked.receipt,
        "total": booked.total,
        "reward": booked.reward,
        "store": booked.store,
        "flags": list(booked.flags),
        "explanation": wording.explain(decided_by, booked.steps, tongue(decided_by)),
    }


def entry_id(said: str) -> int:
    """The number behind an entry's id; UnknownEntry for everything that is none."""
    digits = said.removeprefix(ENTRY)
    if digits == said or not (digits.isascii() and digits.isdigit()) or len(digits) > LONGEST_ID:
        raise UnknownEntry("There is no such entry.", entry=said[:64])
    return int(digits)


def quote(value: Evaluation, purchase: Purchase, stand: Stand, tongue: Tongue) -> told.Quote:
    """What it would earn and why, what it would not and why; what may be taken off it, and paid of it."""
    program = stand.program
    language = tongue(program)
    return {
        "points": value.points,
        "gift": value.grants,
        "explanation": wording.explain(program, value.steps, language),
        "would_earn": [_step(step, program, language) for step in value.steps if _gives(step)],
        "would_not_earn": [_step(step, program, language) for step in value.steps if not _gives(step)],
        "discount": value.discount,
        "can_pay": _can_pay(purchase, stand),
    }


def _gives(step: Step) -> bool:
    """A rule with no use left, and one on trial, fire and give nothing."""
    return step.fired and step.rule != "dry_run" and ("left", 0) not in step.facts


def _step(step: Step, program: Program, language: str) -> told.Step:
    return {
        "rule": step.rule,
        "points": step.points,
        "explanation": wording.explain(program, (step,), language),
    }


def _can_pay(purchase: Purchase, stand: Stand) -> int | None:
    """None: without a total nobody can say."""
    if purchase.total is None:
        return None
    return redeeming.most_points(stand.program, stand.spendable, purchase.total, purchase.items)


def page(shown: Page, tongue: Tongue) -> told.Page:
    return {
        "items": [entry(booked, decided_by, tongue) for booked, decided_by in shown.entries],
        "next": None if shown.next is None else _cursor(shown.next),
    }


def _cursor(seq: int) -> str:
    return urlsafe_b64encode(f"before {seq}".encode()).rstrip(b"=").decode()


def before(cursor: str) -> int:
    """Where a page begins; Invalid for everything that no page gave out."""
    try:
        word, _, seq = urlsafe_b64decode(cursor[:64] + "==").decode().partition(" ")
    except ValueError:
        word, seq = "", ""
    if word != "before" or not (seq.isascii() and seq.isdigit()) or len(seq) > LONGEST_ID:
        raise Invalid("`cursor` is none of ours: take `next` of the page before, as it is.")
    return int(seq)


def utc(moment: datetime) -> str:
    """RFC 3339."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
