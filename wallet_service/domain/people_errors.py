"""Every no about people, stores and tills, for whoever sets them up."""

from __future__ import annotations

from wallet_service.domain.errors import Conflict, Invalid, NotFound


class WrongPin(Invalid):
    slug, title = "wrong-pin", "The PIN is not right"


class BadName(Invalid):
    slug, title = "bad-name", "A name is missing"


class BadPin(Invalid):
    slug, title = "bad-pin", "This is no PIN"


class PinTaken(Invalid):
    """Says no more than that: whose it is would be half of a guess."""

    slug, title = "pin-taken", "This PIN cannot be used"


class NameTaken(Invalid):
    slug, title = "name-taken", "The name is taken"


class WrongCode(Invalid):
    slug, title = "wrong-code", "The code is not right"


class BadStoreName(Invalid):
    slug, title = "bad-store-name", "This is no short name"


class BadDrive(Invalid):
    slug, title = "bad-drive", "This is no fiscal storage"


class DriveTaken(Conflict):
    slug, title = "drive-taken", "The fiscal storage belongs to another store"


class LastManager(Conflict):
    slug, title = "last-manager", "The last manager stays"


class LookAgain(Conflict):
    """What was confirmed is no longer what would happen."""

    slug, title = "look-again", "Something changed meanwhile"


class TillIsBlocked(Conflict):
    slug, title = "till-is-blocked", "The till is blocked"


class UnknownPerson(NotFound):
    slug, title = "unknown-person", "Nobody like that works here"


class UnknownStore(NotFound):
    slug, title = "unknown-store", "No such store"


class UnknownTill(NotFound):
    slug, title = "unknown-till", "No such till"
