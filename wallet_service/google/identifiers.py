"""The names under which Google knows a program and a card."""

from __future__ import annotations

import re

from wallet_service.domain.errors import Invalid

SUFFIX = re.compile(r"[A-Za-z0-9._-]{1,100}")  # G18


def class_id(issuer_id: str, program_slug: str) -> str:
    return _id(issuer_id, program_slug)


def object_id(issuer_id: str, serial: str) -> str:
    """The serial number itself: random, and nobody's name or number (G18)."""
    return _id(issuer_id, serial)


def _id(issuer_id: str, suffix: str) -> str:
    if not SUFFIX.fullmatch(suffix):
        raise Invalid(f"{suffix!r} cannot name anything at Google: use letters, digits, '.', '_' and '-'.")
    return f"{issuer_id}.{suffix}"
