"""Reads a save link as Google does: an allow-list of claims, the account's own key, an object that exists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulators.google_wallet.accounts import ServiceAccount
from simulators.google_wallet.jose import BadToken, Token, read
from simulators.google_wallet.world import World

LONGEST = 1800  # G4: what survives mail programs and browsers
HEADER = {"alg", "typ", "kid"}
CLAIMS = {"iss", "aud", "typ", "iat", "origins", "payload"}
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?|https?://\[[0-9a-f:]+\](?::[0-9]{1,5})?")
SKEW = 300


class BadLink(Exception):
    """The sentence that only developers get to see."""


@dataclass(frozen=True)
class Link:
    object_id: str
    account: ServiceAccount

    @property
    def named(self) -> dict[str, Any]:
        return {"loyaltyObjects": [{"id": self.object_id}]}


def read_link(text: str, world: World) -> Link:
    if len(text) >= LONGEST:
        raise BadLink(f"The token has {len(text)} characters; links must stay under {LONGEST}.")
    try:
        token = read(text)
    except BadToken as bad:
        raise BadLink(str(bad)) from None
    account = _signer(token, world)
    _check_claims(token.claims, world)
    return Link(_object_id(token.claims["payload"], account, world), account)


def _signer(token: Token, world: World) -> ServiceAccount:
    header = token.header
    if set(header) != HEADER or header["alg"] != "RS256" or header["typ"] != "JWT":
        raise BadLink("The header must be exactly alg RS256, typ JWT and the kid of the key.")  # G1
    account = world.accounts.find(token.claims.get("iss"), header["kid"])
    if not account:
        raise BadLink(f"No service account {token.claims.get('iss')!r} has a key {header['kid']!r}.")
    if not token.is_signed_by(account.key):
        raise BadLink("The signature does not verify with the key of the service account.")
    return account


def _check_claims(claims: Mapping[str, Any], world: World) -> None:
    if set(claims) != CLAIMS:
        odd = sorted(set(claims) ^ CLAIMS)
        raise BadLink(f"The claims must be {', '.join(sorted(CLAIMS))}; look at {', '.join(odd)}.")  # G2
    if claims["aud"] != "google" or claims["typ"] != "savetowallet":
        raise BadLink("aud must be the string google, and typ must be savetowallet.")
    if type(claims["iat"]) is not int or not 0 < claims["iat"] <= world.clock().timestamp() + SKEW:
        raise BadLink("iat must be whole seconds, and not in the future.")
    origins = claims["origins"]
    good = isinstance(origins, list) and all(isinstance(o, str) and ORIGIN.fullmatch(o) for o in origins)
    if not good or not origins:
        raise BadLink("origins must be a list of scheme and host, without a path.")


def _object_id(payload: Any, account: ServiceAccount, world: World) -> str:
    objects = payload.get("loyaltyObjects") if isinstance(payload, dict) and len(payload) == 1 else None
    one = objects[0] if isinstance(objects, list) and len(objects) == 1 else None
    if not isinstance(one, dict) or set(one) != {"id"} or not isinstance(one["id"], str):
        raise BadLink('payload must be {"loyaltyObjects": [{"id": …}]} with one object and nothing else.')
    if not account.may(one["id"]):
        raise BadLink(f"The service account does not speak for the issuer of {one['id']}.")
    if one["id"] not in world.shelf.objects:
        raise BadLink(f"Wallet Object {one['id']} not found. Insert it before you hand out its link.")  # G6
    return str(one["id"])
