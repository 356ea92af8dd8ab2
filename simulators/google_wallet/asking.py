"""A request to a method, and the checks and effects that the methods share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.google_wallet import schema
from simulators.google_wallet.accounts import ServiceAccount
from simulators.google_wallet.bell import Push
from simulators.google_wallet.errors import (
    class_not_found,
    invalid,
    notification_quota,
    object_not_found,
    permission_denied,
)
from simulators.google_wallet.fetching import addresses
from simulators.google_wallet.rules import ID, MOST
from simulators.google_wallet.shelf import Resource, next_version
from simulators.google_wallet.world import World

PLATFORMS = ("kind", "version", "hasUsers", "hasLinkedDevice", "review")
DEFAULT_PAGE = 100


@dataclass(frozen=True)
class Ask:
    """One authorised request, its body already read."""

    account: ServiceAccount
    resource: str
    query: Mapping[str, str]
    body: Any


class Methods:
    """The methods of one resource, by name."""

    def __init__(self, world: World) -> None:
        self._world, self._shelf = world, world.shelf

    def named(self) -> dict[str, Callable[[Ask], Any]]:
        raise NotImplementedError

    def _checked(self, check: Callable[..., list[str]], ask: Ask) -> Any:
        self._refuse(check(ask.body, allow_http=self._world.setup.allow_http))
        return ask.body

    def _patchable(self, kind: str, ask: Ask) -> None:
        self._refuse(schema.check_patch_shape(kind, ask.body))
        same_id(ask, ask.body)

    def _whole(self, kind: str, new: Resource, said: Mapping[str, Any]) -> None:
        """A PATCH may complete what is there, but what comes out must stand by itself."""
        self._refuse(schema.merge_faults(kind, new, said, self._world.setup.allow_http))

    def _refuse(self, faults: list[str]) -> None:
        if faults:
            raise invalid("Request contains an invalid argument. " + " ".join(faults[:5]))

    def _allowed(self, ask: Ask, resource: str) -> None:
        if not ask.account.may(resource):
            raise permission_denied()

    def _class(self, ask: Ask) -> Resource:
        self._named(ask)
        found = self._shelf.classes.get(ask.resource)
        if not found:
            raise class_not_found(ask.resource)
        return found

    def _object(self, ask: Ask) -> Resource:
        self._named(ask)
        found = self._shelf.objects.get(ask.resource)
        if not found:
            raise object_not_found(ask.resource)
        return found

    def _named(self, ask: Ask) -> None:
        if not ID.fullmatch(ask.resource):
            raise invalid(f"Request contains an invalid argument. Invalid resource ID: {ask.resource}.")
        self._allowed(ask, ask.resource)

    def _load_images(self, body: Mapping[str, Any]) -> None:
        for url in addresses(body):
            self._world.fetcher.load(url)

    def _allow_listed(self, body: Mapping[str, Any]) -> None:
        switches = self._world.knobs.switches
        if body.get("merchantLocations") and not switches.merchant_locations:
            raise invalid("Issuer not allowlisted for Merchant Locations. Please contact support.")
        if (body.get("enableSmartTap") or body.get("smartTapRedemptionValue")) and not switches.smart_tap:
            raise invalid("Issuer not allowlisted for Smart Tap. Please contact support.")

    def _budget(self, message: Mapping[str, Any], resource: str, what: str) -> None:
        loud = message.get("messageType") == "TEXT_AND_NOTIFY"
        if loud and not self._world.bell.may_ring(resource, self._world.clock()):
            raise notification_quota(issuer_of(resource), f"{what} {resource}")

    def _ring(self, one: Resource, kind: str, header: str, body: str) -> None:
        self._note(one, kind, header, body, why="" if one["hasUsers"] else "nobody has saved it")

    def _note(self, one: Resource, kind: str, header: str, body: str, *, why: str) -> None:
        self._world.bell.note(Push(self._world.clock(), one["id"], kind, header, body, why))


def any_body(name: str) -> Callable[..., list[str]]:
    def check(body: Any, *, allow_http: bool) -> list[str]:
        return schema.check(name, body, allow_http=allow_http)

    return check


def issuer_of(resource: str) -> str:
    return resource.partition(".")[0]


def own(resource: Mapping[str, Any]) -> Resource:
    """Without what the platform wrote into it."""
    return {name: value for name, value in resource.items() if name not in PLATFORMS}


def same_id(ask: Ask, body: Mapping[str, Any]) -> None:
    if body.get("id", ask.resource) != ask.resource:
        raise invalid(f"Request contains an invalid argument. The body names {body['id']}.")


def differs(field: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return bool(field in new and old.get(field) != new[field])


def with_message(old: Resource, message: Resource) -> Resource:
    messages = [*old.get("messages", []), message]
    if len(messages) > MOST["messages"]:
        raise invalid(f"Number of messages exceeds the maximum of {MOST['messages']}.")
    return old | {"messages": messages, "version": next_version(old)}


def words(message: Mapping[str, Any]) -> tuple[str, str]:
    header, body = (
        message.get(name) or message[f"localized{name.title()}"]["defaultValue"]["value"]
        for name in ("header", "body")
    )
    return header, body


def page(found: list[Resource], ask: Ask) -> Resource:
    size, start = _number(ask, "maxResults", DEFAULT_PAGE), _number(ask, "token", 0)
    shown = found[start : start + max(size, 1)]
    rest = {"nextPageToken": str(start + len(shown))} if start + len(shown) < len(found) else {}
    return {"resources": shown, "pagination": {"resultsPerPage": len(shown), **rest}}


def _number(ask: Ask, name: str, otherwise: int) -> int:
    value = ask.query.get(name, "")
    if value and not value.isdecimal():
        raise invalid(f"Request contains an invalid argument. {name} is {value!r}.")
    return int(value or otherwise)
