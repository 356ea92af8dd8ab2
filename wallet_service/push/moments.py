"""Waits that a wrong clock wrote down: a moment farther ahead than anybody plans is none."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute


def lies_ahead(moment: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Whether to wait for it; `longest` is the longest wait that this moment can stand for."""
    return moment is not None and now < moment <= now + longest


def is_over(
    moment: InstrumentedAttribute[datetime | None], now: datetime, longest: timedelta
) -> ColumnElement[bool]:
    """The opposite, in SQL: nothing is waited for, or no longer, or it was never meant."""
    return or_(moment.is_(None), moment < now, moment > now + longest)
