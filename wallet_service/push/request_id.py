"""Which request all of this is done for: it follows a purchase through the outbox to the phone."""

from __future__ import annotations

from contextvars import ContextVar

LONGEST = 64
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Set by the door that a request came in at, and by the worker while it tells a mark."""
