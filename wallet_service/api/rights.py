"""What a machine may do, where and how often: decided here and nowhere else (S6, S24)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import NoReturn, TypeVar, cast

from flask import g, request
from sqlalchemy.orm import Session

from wallet_service.actions import api_keys
from wallet_service.actions.api_keys import Key
from wallet_service.api.bodies import Body, read
from wallet_service.api.desk import desk, services
from wallet_service.api.problems import NoKey
from wallet_service.api.quota import Quota
from wallet_service.db import queries
from wallet_service.domain.errors import (
    NotAllowed,
    TooMuch,
    Unavailable,
    UnknownCard,
    UnknownEntry,
    UnknownProgram,
)
from wallet_service.domain.network import network_of

MAIN = "main"
BEARER = re.compile(r"bearer +([!-~]{1,200})", re.IGNORECASE)
OURS = re.compile(r"wk_[0-9a-f]{12}_[0-9a-f]{64}")
B = TypeVar("B", bound=Body)


def let_in(scope: str) -> None:
    """The key counts and nothing else; a cookie is not looked at (S10). Asked at every request, so that a
    key that was taken away opens nothing from then on, at every process.
    """
    key = _shown()
    if key is None:
        _refuse()
    g.key = key
    _still_within(desk().requests.count(key.caller), "key")
    if scope not in key.scopes:
        raise NotAllowed(
            f"This key may not `{scope}`. One that may: `flask wallet api-key create NAME --scope {scope}`.",
            scope=scope,
        )
    if key.stale:
        _write_down_its_use(key)


def key() -> Key:
    """Of whoever asks."""
    return cast(Key, g.key)


def asked(kind: type[B]) -> B:
    """The body of this request, in the key's own store where it has one."""
    body, own = read(kind), key().store
    if own is None or "store" not in kind.model_fields:
        return body
    if getattr(body, "store", None) not in (None, own):
        raise NotAllowed(
            f"This key belongs to the store `{own}`. Leave `store` out, or use a key of that other store.",
            store=own,
        )
    return body.model_copy(update={"store": own})


def store_of(body: Body | None = None) -> str:
    """Where this is booked."""
    return getattr(body, "store", None) or key().store or MAIN


def card_counts(session: Session, reference: str, body: Body | None = None) -> None:
    """UnknownCard for one of a program that this store does not take: there is no such card there."""
    programs = _programs(session, body)
    if programs is not None and queries.card(session, reference).program.slug not in programs:
        raise UnknownCard("This card is not known here. Check that it is a card of this program.")


def program_counts(session: Session, slug: str) -> None:
    programs = _programs(session, None)
    if programs is not None and slug not in programs:
        raise UnknownProgram("There is no such program. Look at the address again.", program=slug[:64])


def entry_is_ours(session: Session, entry_id: int) -> None:
    """UnknownEntry for what another store booked: it is taken back there."""
    own = key().store
    if own is None:
        return
    entry = queries.entry(session, entry_id)
    if entry.store != own:
        raise UnknownEntry("There is no such entry.", entry=entry_id)
    card_counts(session, entry.card.serial)


def _shown() -> Key | None:
    shown = BEARER.fullmatch(request.headers.get("Authorization", ""))
    if shown is None or not OURS.fullmatch(shown[1]):
        return None
    return api_keys.find_api_key(services().sessions, shown[1], services().clock())


def _refuse() -> NoReturn:
    """Only wrong keys are counted: a till beside somebody who guesses still gets in."""
    _still_within(desk().wrong_keys.count(network_of(request.remote_addr)), "network")
    raise NoKey


def _still_within(quota: Quota, whose: str) -> None:
    g.quota = quota
    if quota.left < 0:
        raise TooMuch(
            f"{quota.most} requests a minute are the most for each {whose}. Wait {quota.reset} s.",
            seconds=quota.reset,
        )


def _write_down_its_use(key: Key) -> None:
    """In a transaction of its own, and not worth a refusal."""
    with suppress(Unavailable), services().sessions.begin() as session:
        api_keys.key_used(session, key, services().clock())


def _programs(session: Session, body: Body | None) -> frozenset[str] | None:
    """The store that a body names has been asked to be the key's own, where that has one."""
    named = getattr(body, "store", None)
    if key().store is not None or named is None:
        return key().programs
    return api_keys.programs_of_store(session, named)
