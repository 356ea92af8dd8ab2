"""What can be done with a loyalty class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulators.google_wallet import schema
from simulators.google_wallet.asking import (
    Ask,
    Methods,
    differs,
    issuer_of,
    own,
    page,
    same_id,
    with_message,
    words,
)
from simulators.google_wallet.errors import already_exists, invalid
from simulators.google_wallet.shelf import EPHEMERAL, Resource, merged, next_version


class ClassMethods(Methods):
    def named(self) -> dict[str, Callable[[Ask], Any]]:
        return {
            "insert": self._insert_class,
            "get": self._class,
            "list": self._list_classes,
            "patch": self._patch_class,
            "update": self._update_class,
            "addmessage": self._message_to_class,
        }

    def _insert_class(self, ask: Ask) -> Resource:
        body = self._checked(schema.check_class, ask)
        self._allowed(ask, body["id"])
        self._load_images(body)
        with self._shelf.lock:
            if body["id"] in self._shelf.classes:
                raise already_exists("Wallet Object Class", body["id"])
            return self._keep_class(body)

    def _list_classes(self, ask: Ask) -> Resource:
        issuer = ask.query.get("issuerId", "")
        self._allowed(ask, issuer)
        with self._shelf.lock:
            found = [one for name, one in self._shelf.classes.items() if issuer_of(name) == issuer]
        return page(found, ask)

    def _patch_class(self, ask: Ask) -> Resource:
        self._patchable(schema.CLASS, ask)
        self._class(ask)
        self._load_images(ask.body)
        with self._shelf.lock:
            old = self._class(ask)
            return self._replace_class(old, merged(own(old), ask.body), ask.body)

    def _update_class(self, ask: Ask) -> Resource:
        body = self._checked(schema.check_class, ask)
        same_id(ask, body)
        self._class(ask)
        self._load_images(body)
        with self._shelf.lock:
            return self._replace_class(self._class(ask), body, body)

    def _replace_class(self, old: Resource, new: Resource, said: Mapping[str, Any]) -> Resource:
        if "reviewStatus" not in said:  # the stored one says APPROVED, which no client may send back
            raise invalid(f"Invalid review status Optional[{old['reviewStatus']}].")
        if said["reviewStatus"] == "DRAFT" and old["reviewStatus"] != "DRAFT":
            raise invalid("Invalid review status transition: a class cannot become a draft again.")
        self._whole(schema.CLASS, new, said)
        kept = self._keep_class(new, old)
        loud = said.get(EPHEMERAL) and differs("rewardsTier", old, new)
        if loud and self._world.bell.may_ring(kept["id"], self._world.clock()):
            self._ring_for_all(kept, "update", str(new.get("rewardsTierLabel", "")), new["rewardsTier"])
        return kept

    def _keep_class(self, body: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> Resource:
        self._allow_listed(body)
        kept = {name: value for name, value in body.items() if name != EPHEMERAL}
        if kept["reviewStatus"] == "UNDER_REVIEW":
            kept["reviewStatus"] = "APPROVED"
        kept |= {"kind": "walletobjects#loyaltyClass", "version": next_version(old or {})}
        self._shelf.classes[kept["id"]] = kept
        self._world.changed()
        return kept

    def _message_to_class(self, ask: Ask) -> Resource:
        message = self._checked(schema.check_message, ask)["message"]
        with self._shelf.lock:
            old = self._class(ask)
            self._budget(message, ask.resource, "class")
            kept = with_message(old, message)
            self._shelf.classes[kept["id"]] = kept
            if message.get("messageType") == "TEXT_AND_NOTIFY":
                self._ring_for_all(kept, "message", *words(message))
        self._world.changed()
        return {"resource": kept}

    def _ring_for_all(self, kind: Resource, what: str, header: str, body: str) -> None:
        for one in self._shelf.objects_of(kind["id"]):
            self._ring(one, what, header, body)
