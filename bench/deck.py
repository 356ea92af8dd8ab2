"""Cards to be made by the thousand, and how fast that went."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from time import thread_time
from typing import TypeVar

from wallet_service.cli.preview import preview_face, preview_program, states
from wallet_service.domain.face import CardFace
from wallet_service.domain.identifiers import card_number, grouped

PUBLIC = "https://cards.example.com"

T = TypeVar("T")

Card = tuple[CardFace, str]
"""A face and the authentication token of its card."""


def deck() -> Iterator[Card]:
    """No two alike: nothing made for one can serve another but what belongs to a state of the bar."""
    program = preview_program()
    faces = [preview_face(program, standing) for standing in states(program).values()]
    for face in cycle(faces):
        yield _personal(face), secrets.token_urlsafe(32)


def _personal(face: CardFace) -> CardFace:
    number, moment = card_number(secrets.token_bytes(16)), timedelta(seconds=secrets.randbelow(10**7))
    return replace(
        face,
        serial=str(uuid.uuid4()),
        number=number,
        number_grouped=grouped(number),
        page=f"{PUBLIC}/card/{secrets.token_urlsafe(36)}",
        history=tuple(replace(line, occurred_at=line.occurred_at - moment) for line in face.history),
    )


def rate(work: Callable[[T], bytes], items: list[T]) -> float:
    begun = thread_time()
    for item in items:
        work(item)
    return len(items) / (thread_time() - begun)
