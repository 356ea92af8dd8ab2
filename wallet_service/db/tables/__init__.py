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
from wallet_service.db.tables.campaigns import Campaign
from wallet_service.db.tables.cards import Card, CardNumber, Consent, Member
from wallet_service.db.tables.google import (
    GoogleCallback,
    GoogleCard,
    GoogleClass,
    GoogleIssuer,
    GoogleNotice,
)
from wallet_service.db.tables.installation import AuditSeal, Erasure, Installation, JobTurn, RetiredKey
from wallet_service.db.tables.ledger import Allocation, LedgerDay, LedgerEntry, Operation
from wallet_service.db.tables.outbox import Alarm, Outbox, Telling
from wallet_service.db.tables.people import ApiKey, Staff, StaffAttempt
from wallet_service.db.tables.pictures import Picture
from wallet_service.db.tables.programs import ProgramRow, ProgramVersion
from wallet_service.db.tables.projections import OpenLot, RewardCount, Tally
from wallet_service.db.tables.shops import Audit, FiscalDrive, Shift, Store, Till, TillKey
from wallet_service.db.tables.webhooks import Webhook, WebhookDelivery, WebhookMessage

__all__ = [
    "Alarm",
    "Allocation",
    "ApiKey",
    "ApplePass",
    "ApplePassType",
    "Audit",
    "AuditSeal",
    "Base",
    "Campaign",
    "Card",
    "CardNumber",
    "Consent",
    "Device",
    "DeviceLog",
    "Erasure",
    "FiscalDrive",
    "GoogleCallback",
    "GoogleCard",
    "GoogleClass",
    "GoogleIssuer",
    "GoogleNotice",
    "Installation",
    "JobTurn",
    "LedgerDay",
    "LedgerEntry",
    "Member",
    "OpenLot",
    "Operation",
    "Outbox",
    "Picture",
    "ProgramRow",
    "ProgramVersion",
    "PushPace",
    "Registration",
    "RetiredKey",
    "RewardCount",
    "Shift",
    "Staff",
    "StaffAttempt",
    "Store",
    "Tally",
    "Telling",
    "Till",
    "TillKey",
    "Webhook",
    "WebhookDelivery",
    "WebhookMessage",
]
