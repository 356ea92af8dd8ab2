"""What a member says about themselves when they join: kept apart from the ledger, and told to nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

import phonenumbers
from babel.core import get_global
from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.db.tables import Consent, Member
from wallet_service.domain.errors import BadBirthday, BadEmail, BadPhone
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program

TAIL = 4
LONGEST_PHONE, LONGEST_EMAIL = 40, 254
EMAIL = re.compile(
    r"[^\s@<>()\[\]\\,;:\"]{1,64}@(?:[^\s@<>()\[\]\\,;:\".]{1,63}\.)+[^\s@<>()\[\]\\,;:\".]{2,63}"
)
BIRTHDAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_BIRTHDAY = date(1900, 1, 1)
NOWHERE = "001"
"""The world, as Babel calls what is no country."""


@dataclass(frozen=True)
class Agreed:
    """To what a member said yes or no. `text` names the wording that they saw."""

    purpose: str
    given: bool
    channel: str = ""
    text: str | None = None


@dataclass(frozen=True)
class About:
    """As they wrote it."""

    phone: str | None = None
    email: str | None = None
    birthday: str | None = None
    consents: tuple[Agreed, ...] = field(default=())


NOTHING = About()


@dataclass(frozen=True)
class Details:
    """As it is kept: the phone in E.164 form with its last digits, by which a cashier finds the card."""

    phone: str | None = None
    phone_tail: str | None = None
    email: str | None = None
    birthday: str | None = None


def details(about: About, program: Program, now: datetime) -> Details:
    """BadPhone, BadEmail or BadBirthday for what can be none."""
    phone = phone_number(about.phone, program) if about.phone else None
    return Details(
        phone,
        phone[-TAIL:] if phone else None,
        email_address(about.email) if about.email else None,
        birth_day(about.birthday, now) if about.birthday else None,
    )


def agree(
    session: Session, member_id: int, consents: Sequence[Agreed], *, source: str, actor: str, now: datetime
) -> None:
    """Append-only: who takes back what they agreed to says so in a line of its own."""
    language = session.scalars(select(Member.language).where(Member.id == member_id)).one()
    session.add_all(
        Consent(
            member_id=member_id,
            purpose=one.purpose,
            channel=one.channel,
            given=one.given,
            text=one.text,
            language=language,
            source=source,
            actor=actor,
            at=now,
        )
        for one in consents
    )
    session.flush()


def phone_number(written: str, program: Program) -> str:
    """E.164, of what people write; without a country it is one of the program's own."""
    try:
        number = phonenumbers.parse(one_line(written, LONGEST_PHONE), country(program))
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_valid_number(number):
        raise BadPhone("This is no phone number. Write it with its country, such as +7 912 345-67-89.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def country(program: Program) -> str | None:
    """Where the shop is, by its time zone, else by its currency; None where neither tells."""
    return _country(program.time_zone, program.currency)


@lru_cache
def _country(time_zone: str, currency: str) -> str | None:
    by_zone = get_global("zone_territories").get(time_zone, NOWHERE)
    found = currency[:2] if by_zone == NOWHERE else by_zone
    return found if found in phonenumbers.SUPPORTED_REGIONS else None


def email_address(written: str) -> str:
    """Whether anybody reads it, only a letter can tell."""
    address = written.strip()
    if len(address) > LONGEST_EMAIL or not EMAIL.fullmatch(address) or one_line(address, 255) != address:
        raise BadEmail("This is no e-mail address. Compare it letter by letter.")
    return address


def birth_day(written: str, now: datetime) -> str:
    try:
        day = date.fromisoformat(written) if BIRTHDAY.fullmatch(written) else None
    except ValueError:
        day = None
    if day is None or not FIRST_BIRTHDAY <= day <= now.date():
        raise BadBirthday("This is nobody's birthday. Write it as 1990-05-31.")
    return day.isoformat()
