"""All tables, one file a subject."""

from wallet_service.db.tables.apple import (
    ApplePass,
    ApplePassType,
    Device,
    DeviceLog,
    PushPace,
    Registration,
)
from wallet_service.db.tables.base import Base
from wallet_service.db.tables.cards import Card, CardNumber, Member
from wallet_service.db.tables.google import (
    GoogleCallback,
    GoogleCard,
    GoogleClass,
    GoogleIssuer,
    GoogleNotice,
)
from wallet_service.db.tables.ledger import LedgerEntry, Operation
from wallet_service.db.tables.outbox import Alarm, Outbox
from wallet_service.db.tables.people import ApiKey, Staff, StaffAttempt
from wallet_service.db.tables.programs import ProgramRow, ProgramVersion

__all__ = [
    "Alarm",
    "ApiKey",
    "ApplePass",
    "ApplePassType",
    "Base",
    "Card",
    "CardNumber",
    "Device",
    "DeviceLog",
    "GoogleCallback",
    "GoogleCard",
    "GoogleClass",
    "GoogleIssuer",
    "GoogleNotice",
    "LedgerEntry",
    "Member",
    "Operation",
    "Outbox",
    "ProgramRow",
    "ProgramVersion",
    "PushPace",
    "Registration",
    "Staff",
    "StaffAttempt",
]
