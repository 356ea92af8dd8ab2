"""The REST methods by resource and name; those of issuers and of links stand here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulators.google_wallet.asking import Ask, Methods, any_body
from simulators.google_wallet.class_methods import ClassMethods
from simulators.google_wallet.errors import invalid, permission_denied
from simulators.google_wallet.object_methods import ObjectMethods
from simulators.google_wallet.save_link import BadLink, read_link
from simulators.google_wallet.shelf import Resource
from simulators.google_wallet.world import World


class Rest:
    def __init__(self, world: World) -> None:
        self._named = {
            "loyaltyclass": ClassMethods(world).named(),
            "loyaltyobject": ObjectMethods(world).named(),
            "issuer": IssuerMethods(world).named(),
            "jwt": LinkMethods(world).named(),
        }

    def answer(self, resource: str, method: str, ask: Ask) -> Any:
        act = self._named[resource].get(method)
        if not act:
            raise permission_denied()  # issuers are made in the console, by people
        return act(ask)


class IssuerMethods(Methods):
    def named(self) -> dict[str, Callable[[Ask], Any]]:
        return {"get": self._get_issuer, "list": self._list_issuers}

    def _get_issuer(self, ask: Ask) -> Resource:
        self._allowed(ask, ask.resource)
        return _issuer_card(ask.resource)

    def _list_issuers(self, ask: Ask) -> Resource:
        return {"resources": [_issuer_card(one) for one in sorted(ask.account.issuers)]}


class LinkMethods(Methods):
    def named(self) -> dict[str, Callable[[Ask], Any]]:
        return {"insert": self._insert_jwt}

    def _insert_jwt(self, ask: Ask) -> Resource:
        body = self._checked(any_body("JwtResource"), ask)
        try:
            link = read_link(body["jwt"], self._world)
        except BadLink as bad:
            raise invalid(str(bad)) from None
        return {"saveUri": f"{self._world.setup.public_url}/gp/v/save/{body['jwt']}", "resources": link.named}


def _issuer_card(issuer: str) -> Resource:
    return {"issuerId": issuer, "name": "Sandbox issuer", "contactInfo": {"name": "Sandbox"}}
