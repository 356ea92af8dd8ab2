"""Who may ask for what: one line for every address, with what each caller gets.

Somebody without a session or key, a cashier, a manager, a cashier at a till of a store that does not take
the card's program; then machines, by the one scope of their key, and one with all scopes in that other
store. A member is nobody in particular: their card's address holds its own proof, and these are made up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

OK = "ok"
"""Let in; an empty request is then told what it lacks."""
SIGN_IN = "sign in"
"""Led to the page where people sign in."""
Answer = str | int


@dataclass(frozen=True)
class Row:
    nobody: Answer
    cashier: Answer
    manager: Answer
    elsewhere: Answer
    read: Answer
    book: Answer
    manage: Answer
    other_store: Answer


def people(nobody: Answer, cashier: Answer, manager: Answer, elsewhere: Answer) -> Row:
    """A key is worth as much as nothing."""
    return Row(nobody, cashier, manager, elsewhere, nobody, nobody, nobody, nobody)


def machines(read: Answer, book: Answer, manage: Answer, other_store: Answer) -> Row:
    """Whoever is signed in at the till or in the office is nobody there."""
    return Row(401, 401, 401, 401, read, book, manage, other_store)


def everybody(answer: Answer) -> Row:
    return Row(*[answer] * 8)


PUBLIC = everybody(OK)
MADE_UP = everybody(404)
"""The address itself is the proof, and this one is made up."""
OWN_PROOF = everybody(401)
"""Phones prove themselves in their own way; cookies and keys are worth nothing there."""
OFFICE = people(SIGN_IN, 403, OK, 403)
TILL_PAGE = people(SIGN_IN, OK, OK, OK)
TILL = people(401, OK, OK, OK)
TILL_CARD = replace(TILL, elsewhere=404)
READ = machines(OK, 403, 403, OK)
READ_CARD = machines(OK, 403, 403, 404)
BOOK_CARD = machines(403, OK, 403, 404)
MANAGE = machines(403, 403, OK, OK)
MANAGE_CARD = machines(403, 403, OK, 404)

MATRIX: dict[str, Row] = {
    # the house door
    "GET /": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /metrics": PUBLIC,
    "GET /status": PUBLIC,
    "GET /robots.txt": PUBLIC,
    "GET /static/<filename>": PUBLIC,
    "GET /art/<digest>.png": MADE_UP,
    # members
    "GET /join/<program>": PUBLIC,
    "POST /join/<program>": PUBLIC,
    "GET /join/<program>/poster": PUBLIC,
    "GET /join/<program>/poster.<form>": PUBLIC,
    "GET /join/<program>/rules": PUBLIC,
    "GET /card/<token>": MADE_UP,
    "GET /card/<token>/apple": MADE_UP,
    "GET /card/<token>/code": MADE_UP,
    "GET /card/<token>/google": MADE_UP,
    "GET /card/<token>/history.json": MADE_UP,
    "GET /card/<token>/state": MADE_UP,
    "POST /card/<token>/goal": MADE_UP,
    # phones, and Google
    "GET /apple/v1/devices/<device>/registrations/<pass_type>": PUBLIC,
    "POST /apple/v1/devices/<device>/registrations/<pass_type>/<serial>": OWN_PROOF,
    "DELETE /apple/v1/devices/<device>/registrations/<pass_type>/<serial>": OWN_PROOF,
    "GET /apple/v1/passes/<pass_type>/<serial>": OWN_PROOF,
    "POST /apple/v1/passes/<pass_type>/<serial>/personalize": MADE_UP,
    "POST /apple/v1/log": PUBLIC,
    "POST /google/callback": PUBLIC,
    # the till
    "GET /till": TILL_PAGE,
    "GET /till/files/<digest>/<name>": MADE_UP,
    "GET /till/reader/<digest>/<name>": MADE_UP,
    "GET /till/manifest.webmanifest": PUBLIC,
    "GET /till/worker.js": PUBLIC,
    "GET /till/sign-in": PUBLIC,
    "POST /till/sign-in": PUBLIC,
    "POST /till/sign-out": PUBLIC,
    "GET /till/pair": PUBLIC,
    "POST /till/pair": everybody(403),
    "GET /till/state": PUBLIC,
    "GET /till/ping": PUBLIC,
    "POST /till/keys": TILL,
    "POST /till/scans": TILL,
    "POST /till/search": TILL,
    "POST /till/operations": TILL,
    "GET /till/cards/<serial>": TILL_CARD,
    "POST /till/cards/<serial>/quotes": TILL_CARD,
    "POST /till/cards/<serial>/purchases": TILL_CARD,
    "POST /till/cards/<serial>/refunds": TILL_CARD,
    "POST /till/cards/<serial>/payments": TILL_CARD,
    "POST /till/cards/<serial>/rewards": TILL_CARD,
    "POST /till/cards/<serial>/adjustments": TILL_CARD,
    "POST /till/entries/<entry>/undo": TILL_CARD,
    # the office
    "GET /office": OFFICE,
    "POST /office/cards": OFFICE,
    "GET /office/cards/<serial>": OFFICE,
    "POST /office/cards/<serial>/adjustments": OFFICE,
    "GET /office/cards/<serial>/block": OFFICE,
    "POST /office/cards/<serial>/block": OFFICE,
    "GET /office/cards/<serial>/erase": OFFICE,
    "POST /office/cards/<serial>/erase": OFFICE,
    "POST /office/cards/<serial>/export": OFFICE,
    "GET /office/cards/<serial>/number": OFFICE,
    "POST /office/cards/<serial>/number": OFFICE,
    "GET /office/cards/<serial>/updates": OFFICE,
    "GET /office/cards/<serial>/unblock": OFFICE,
    "POST /office/cards/<serial>/unblock": OFFICE,
    "GET /office/look": OFFICE,
    "GET /office/status": OFFICE,
    "GET /office/phones": OFFICE,
    "GET /office/programs/<slug>/cheat-sheet.pdf": OFFICE,
    "GET /office/campaigns": OFFICE,
    "GET /office/campaigns/<slug>/<verb>": OFFICE,
    "POST /office/campaigns/<slug>/<verb>": OFFICE,
    "GET /office/tills": OFFICE,
    "GET /office/tills/block": OFFICE,
    "POST /office/tills/block": OFFICE,
    "POST /office/tills/<till>/pairing": OFFICE,
    "POST /office/tills/<till>/unblock": OFFICE,
    "POST /office/stores": OFFICE,
    "POST /office/stores/<store>": OFFICE,
    "POST /office/stores/<store>/tills": OFFICE,
    "GET /office/people": OFFICE,
    "POST /office/people": OFFICE,
    "GET /office/people/<person>": OFFICE,
    "POST /office/people/<person>/deactivate": OFFICE,
    "POST /office/people/<person>/lost-phone": OFFICE,
    "POST /office/people/<person>/own-card": OFFICE,
    "POST /office/people/<person>/pin": OFFICE,
    "POST /office/people/<person>/role": OFFICE,
    "GET /office/second-factor": OFFICE,
    "POST /office/second-factor": OFFICE,
    "GET /office/keys": OFFICE,
    "POST /office/keys": OFFICE,
    "POST /office/keys/<key>/revoke": OFFICE,
    "GET /office/webhooks": OFFICE,
    "POST /office/webhooks": OFFICE,
    "GET /office/webhooks/<webhook>": OFFICE,
    "POST /office/webhooks/<webhook>/deliveries/<delivery>": OFFICE,
    "POST /office/webhooks/<webhook>/off": OFFICE,
    "POST /office/webhooks/<webhook>/on": OFFICE,
    "POST /office/webhooks/<webhook>/remove": OFFICE,
    "POST /office/webhooks/<webhook>/secret": OFFICE,
    "POST /office/webhooks/<webhook>/test": OFFICE,
    # machines
    "GET /api/v1/openapi.json": PUBLIC,
    "GET /api/v1/docs": PUBLIC,
    "GET /api/v1/docs.css": PUBLIC,
    "GET /api/v1/cards/<card>": READ_CARD,
    "GET /api/v1/cards/<card>/entries": READ_CARD,
    "POST /api/v1/cards/<card>/quotes": READ_CARD,
    "POST /api/v1/cards/<card>/purchases": BOOK_CARD,
    "POST /api/v1/cards/<card>/redemptions": BOOK_CARD,
    "POST /api/v1/cards/<card>/refunds": BOOK_CARD,
    "POST /api/v1/cards/<card>/adjustments": MANAGE_CARD,
    "POST /api/v1/entries/<entry>/reversal": BOOK_CARD,
    "POST /api/v1/programs/<program>/cards": BOOK_CARD,
}

RECEIPT = "r-1"
FISCAL = "t=20261102T1100&s=1.00&fn=9960440301234567&i=1&fp=1234567890&n=2"
BUY = {"key": "", "total": 30_000}
BODIES: dict[str, dict[str, object]] = {
    "POST /office/stores/<store>/tills": {"name": "One more"},
    "POST /till/cards/<serial>/quotes": {"total": 30_000},
    "POST /till/cards/<serial>/purchases": BUY,
    "POST /till/cards/<serial>/refunds": {"key": "", "receipt": FISCAL},
    "POST /till/cards/<serial>/payments": BUY | {"points": 1},
    "POST /till/cards/<serial>/rewards": {"key": "", "reward": "coffee"},
    "POST /till/cards/<serial>/adjustments": {
        "key": "",
        "points": 1,
        "reason": "A slip",
        "manager_pin": "987654",
    },
    "POST /till/entries/<entry>/undo": {"key": ""},
    "POST /api/v1/cards/<card>/quotes": {"visits": 1},
    "POST /api/v1/cards/<card>/purchases": {"visits": 1},
    "POST /api/v1/cards/<card>/redemptions": {"reward": "coffee"},
    "POST /api/v1/cards/<card>/refunds": {"receipt": RECEIPT, "total": 1},
    "POST /api/v1/cards/<card>/adjustments": {"points": 1, "reason": "A slip"},
}
"""What is sent, where a request without it would not come far enough to be refused for who asks."""
