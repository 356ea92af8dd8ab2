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
from wallet_service.db.tables.ledger import Allocation, LedgerDay, LedgerEntry, Operation
from wallet_service.db.tables.outbox import Alarm, Outbox
from wallet_service.db.tables.people import ApiKey, Staff, StaffAttempt
from wallet_service.db.tables.programs import ProgramRow, ProgramVersion
from wallet_service.db.tables.projections import OpenLot, RewardCount, Tally

__all__ = [
    "Alarm",
    "Allocation",
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
    "LedgerDay",
    "LedgerEntry",
    "Member",
    "OpenLot",
    "Operation",
    "Outbox",
    "ProgramRow",
    "ProgramVersion",
    "PushPace",
    "Registration",
    "RewardCount",
    "Staff",
    "StaffAttempt",
    "Tally",
]
