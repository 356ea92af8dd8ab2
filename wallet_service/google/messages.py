"""Leaves a message on a card in Google Wallet, once, and rings only while its allowance lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wallet_service.domain.program import Texts
from wallet_service.google import budget
from wallet_service.google.answers import Answer, Verdict
from wallet_service.google.budget import Worth
from wallet_service.google.client import GoogleClient
from wallet_service.google.texts import twins

MOST = 10  # G22; beyond that Google refuses

QUIET, LOUD = "TEXT", "TEXT_AND_NOTIFY"


@dataclass(frozen=True)
class Message:
    """`id` is ours and the same for every attempt, so that a lost answer leads to no second message."""

    id: str
    header: Texts
    body: Texts
    languages: tuple[str, ...]
    worth: Worth = Worth.EARNED


@dataclass(frozen=True)
class Left:
    """`rang`: one of the card's three notices was used."""

    answer: Answer
    rang: bool


def leave_message(
    client: GoogleClient, object_id: str, message: Message, used: Sequence[datetime], now: datetime
) -> Left:
    """G16. Looks before it repeats: unlike a PATCH, an addMessage that had its effect would have it twice."""
    held = client.get_object(object_id)
    if held.verdict is not Verdict.DONE or _holds(held, message):
        return Left(held, rang=False)
    _make_room(client, object_id, held)
    loud = budget.allows(message.worth, used, now)
    answer = client.add_message(object_id, _written(message, LOUD if loud else QUIET))
    if loud and answer.verdict is Verdict.BUDGET:
        return Left(client.add_message(object_id, _written(message, QUIET)), rang=False)
    return Left(answer, rang=loud and answer.verdict in (Verdict.DONE, Verdict.UNKNOWN))


def _holds(held: Answer, message: Message) -> bool:
    return any(one.get("id") == message.id for one in _messages(held))


def _make_room(client: GoogleClient, object_id: str, held: Answer) -> None:
    """The oldest go, by a PATCH of the whole list."""
    messages = _messages(held)
    if len(messages) >= MOST:
        kept = [_own(one) for one in messages[-(MOST - 1) :]]
        client.patch_object({"id": object_id, "messages": kept})


def _messages(held: Answer) -> list[dict[str, Any]]:
    found = held.body.get("messages")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _own(message: dict[str, Any]) -> dict[str, Any]:
    """Without what Google wrote into it; and what rang once must not ring again."""
    return {name: value for name, value in message.items() if name != "kind"} | {"messageType": QUIET}


def _written(message: Message, kind: str) -> dict[str, Any]:
    return {
        "message": {
            "id": message.id,
            "messageType": kind,
            **twins("header", message.header, message.languages),
            **twins("body", message.body, message.languages),
        }
    }
