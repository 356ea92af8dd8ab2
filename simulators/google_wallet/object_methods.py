"""What can be done with a loyalty object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulators.google_wallet import schema
from simulators.google_wallet.asking import (
    Ask,
    Methods,
    any_body,
    differs,
    own,
    page,
    same_id,
    with_message,
    words,
)
from simulators.google_wallet.errors import already_exists, class_not_found, invalid, object_not_found
from simulators.google_wallet.shelf import EPHEMERAL, Resource, merged, next_version


class ObjectMethods(Methods):
    def named(self) -> dict[str, Callable[[Ask], Any]]:
        return {
            "insert": self._insert_object,
            "get": self._get_object,
            "list": self._list_objects,
            "patch": self._patch_object,
            "update": self._update_object,
            "addmessage": self._message_to_object,
            "modifylinkedofferobjects": self._link_offers,
        }

    def _insert_object(self, ask: Ask) -> Resource:
        body = self._checked(schema.check_object, ask)
        self._allowed(ask, body["id"])
        self._allowed(ask, body["classId"])
        self._load_images(body)
        with self._shelf.lock:
            if body["id"] in self._shelf.objects:
                raise already_exists("Wallet Object", body["id"])
            return self._keep_object(body)

    def _get_object(self, ask: Ask) -> Resource:
        found = self._object(ask)
        return found | {"classReference": self._shelf.classes[found["classId"]]}

    def _list_objects(self, ask: Ask) -> Resource:
        class_id = ask.query.get("classId", "")
        self._allowed(ask, class_id)
        if class_id not in self._shelf.classes:
            raise class_not_found(class_id)
        return page(self._shelf.objects_of(class_id), ask)

    def _patch_object(self, ask: Ask) -> Resource:
        self._patchable(schema.OBJECT, ask)
        self._object(ask)
        self._load_images(ask.body)
        with self._shelf.lock:
            old = self._object(ask)
            return self._replace_object(old, merged(own(old), ask.body), ask.body)

    def _update_object(self, ask: Ask) -> Resource:
        body = self._checked(schema.check_object, ask)
        same_id(ask, body)
        self._object(ask)
        self._load_images(body)
        with self._shelf.lock:
            return self._replace_object(self._object(ask), body, body)

    def _replace_object(self, old: Resource, new: Resource, said: Mapping[str, Any]) -> Resource:
        self._whole(schema.OBJECT, new, said)
        kept = self._keep_object(new, old)
        if said.get(EPHEMERAL):
            self._ring_for_update(old, kept)
        return kept

    def _keep_object(self, body: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> Resource:
        kind = self._shelf.classes.get(body["classId"])
        if not kind:
            raise class_not_found(body["classId"])
        if kind["reviewStatus"] != "APPROVED":
            raise invalid(f"Class {kind['id']} is not approved: a draft cannot have objects.")
        self._allow_listed(body)
        kept = {name: value for name, value in body.items() if name != EPHEMERAL}
        kept |= {"kind": "walletobjects#loyaltyObject", "version": next_version(old or {})}
        kept["hasUsers"] = bool((old or {}).get("hasUsers"))
        self._shelf.objects[kept["id"]] = kept
        self._world.changed()
        return kept

    def _ring_for_update(self, old: Resource, new: Resource) -> None:
        """Only a few fields ring; beyond the allowance the update lands and the phone stays silent."""
        points = new.get("loyaltyPoints", {})
        if not differs("balance", old.get("loyaltyPoints", {}), points):
            return self._note(new, "update", "", "", why="no field that notifies has changed")
        words = points.get("label", ""), _balance(points)
        if self._world.bell.may_ring(new["id"], self._world.clock()):
            return self._ring(new, "update", *words)
        return self._note(new, "update", *words, why="the allowance is spent")

    def _message_to_object(self, ask: Ask) -> Resource:
        message = self._checked(schema.check_message, ask)["message"]
        with self._shelf.lock:
            old = self._object(ask)
            kept = with_message(old, message)
            self._budget(message, ask.resource, "object")
            self._shelf.objects[kept["id"]] = kept
            if message.get("messageType") == "TEXT_AND_NOTIFY":
                self._ring(kept, "message", *words(message))
        self._world.changed()
        return {"resource": kept}

    def _link_offers(self, ask: Ask) -> Resource:
        self._checked(any_body("ModifyLinkedOfferObjectsRequest"), ask)
        changes = ask.body.get("linkedOfferObjectIds", {})
        with self._shelf.lock:
            old = self._object(ask)
            if changes.get("addLinkedOfferObjectIds"):
                raise object_not_found(changes["addLinkedOfferObjectIds"][0])  # there are no offers here
            return old


def _balance(points: Mapping[str, Any]) -> str:
    return str(next(iter(points.get("balance", {}).values()), ""))
