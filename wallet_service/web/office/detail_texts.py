"""What exactly went wrong, in the language of the reader; a sentence that nobody took apart stays English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from wallet_service.domain.detail import Detail, Value
from wallet_service.web.languages import language
from wallet_service.web.office.detail_sentences import ALWAYS, COUNTED, SENTENCES


@dataclass(frozen=True)
class Exactly:
    """`english`: as it stands in the log; empty is nothing to say."""

    text: str
    english: bool

    def __bool__(self) -> bool:
        return bool(self.text)


def exactly(detail: str, zone: str) -> Exactly:
    """Moments in this time zone."""
    if isinstance(detail, Detail) and (said := _said(detail, zone)):
        return Exactly(said, english=False)
    if detail in ALWAYS:
        return Exactly(str(ALWAYS[detail]), english=False)
    return Exactly(detail, english=True)


def _said(detail: Detail, zone: str) -> str:
    """Empty for what an older release or a newer one kept otherwise."""
    words = {name: _word(name, value, zone) for name, value in detail.values.items()}
    try:
        if detail.case in COUNTED:
            count, tell = COUNTED[detail.case]
            return tell(int(str(detail.values[count])), **words)
        return str(SENTENCES[detail.case]) % words
    except (LookupError, ValueError, TypeError):
        return ""


def _word(name: str, value: Value, zone: str) -> str:
    """What comes from outside, such as a reason of APNs or the name of a host, stays as it is."""
    if isinstance(value, datetime):
        said = format_datetime(value, "medium", tzinfo=ZoneInfo(zone), locale=language())
        return f"{said} UTC" if zone == "UTC" else said
    if isinstance(value, str):
        return exactly(value, zone).text
    if not isinstance(value, int):
        return format_list(list(value), locale=language())
    if name == "minutes":
        return _lasting(value)
    return format_percent(value / 100, locale=language()) if name == "percent" else _number(value)


def _lasting(minutes: int) -> str:
    age = timedelta(minutes=minutes)
    return str(format_timedelta(age, granularity="minute", threshold=2, locale=language()))


def _number(value: int) -> str:
    return str(format_decimal(value, locale=language()))
