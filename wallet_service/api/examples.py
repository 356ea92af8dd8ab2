"""Answers as the documentation shows them, each held to its form."""

from __future__ import annotations

from collections.abc import Mapping

from wallet_service.api import told
from wallet_service.domain.progress import Kind

CARD: told.Card = {
    "serial": "8f14e45f-ceea-467f-a1d6-1f2a5d2c8a55",
    "number": "1095539573136129542",
    "program": "coffee",
    "status": "active",
    "balance": 3,
    "progress": {"value": 3, "goal": 12, "unit": "stamps", "reward": "coffee", "text": "3 of 12, 9 to go"},
    "tier": None,
    "rewards": [{"id": "coffee", "name": "Free coffee", "cost": 12, "available": False, "missing": 9}],
    "spendable": 3,
    "pending": 0,
    "expiring": None,
    "links": {"page": "https://…/card/…", "apple": "https://…/card/…/apple", "google": None},
}
ENTRY: told.Entry = {
    "id": "e17",
    "kind": Kind.EARN,
    "points": 1,
    "balance_after": 3,
    "occurred_at": "2026-11-21T09:30:00Z",
    "recorded_at": "2026-11-21T09:30:00Z",
    "receipt": "2026-11-21/0042",
    "total": 25000,
    "reward": None,
    "store": "main",
    "flags": [],
    "explanation": "1 stamp for the visit.",
}
BOOKED: told.Booked = {"entry": ENTRY, "card": CARD}
QUOTE: told.Quote = {
    "points": 1,
    "gift": 0,
    "explanation": "1 stamp for the visit.",
    "would_earn": [{"rule": "visit", "points": 1, "explanation": "1 stamp for the visit."}],
    "would_not_earn": [],
    "discount": None,
    "can_pay": 0,
}
PAGE: told.Page = {"items": [ENTRY], "next": "YmVmb3JlIDE3"}
PROBLEM: told.Problem = {
    "type": "/api/v1/docs#invalid-body",
    "title": "The body is not valid",
    "status": 400,
    "detail": "`visits`: Input should be less than or equal to 100.",
    "errors": [
        {
            "field": "visits",
            "detail": "Input should be less than or equal to 100",
            "sent": "1000",
            "allowed": "a whole number from 1 to 100 or null",
        }
    ],
}
OF: Mapping[type, Mapping[str, object]] = {
    told.Card: CARD,
    told.Booked: BOOKED,
    told.Quote: QUOTE,
    told.Page: PAGE,
}
