"""A receiver that has too much to do says when to come back (RFC 9110 10.2.3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from wallet_service.push.http_date import moment_of
from wallet_service.push.webhooks.caller import Answer

TOO_MUCH = (429, 503)
LONGEST = timedelta(hours=6)


def asked_to_wait(answer: Answer, now: datetime) -> timedelta:
    """Within reason. A date is compared with the one that the answer itself carries: by their clock."""
    if answer.status not in TOO_MUCH:
        return timedelta()
    if answer.retry_after.isdecimal():
        return min(timedelta(seconds=int(answer.retry_after[:9])), LONGEST)
    until = moment_of(answer.retry_after)
    wait = until - (moment_of(answer.date) or now) if until else timedelta()
    return min(max(wait, timedelta()), LONGEST)
