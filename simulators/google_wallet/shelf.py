"""The classes and objects that Google keeps, and what a PATCH makes of them."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from typing import Any

Resource = dict[str, Any]
EPHEMERAL = "notifyPreference"  # G15: acts once and is never stored


class Shelf:
    """`lock` is held over each whole operation, so that no two updates of a resource interleave."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.classes: dict[str, Resource] = {}
        self.objects: dict[str, Resource] = {}

    def start_over(self) -> None:
        with self.lock:
            self.classes.clear()
            self.objects.clear()

    def objects_of(self, class_id: str) -> list[Resource]:
        with self.lock:
            return [one for one in self.objects.values() if one["classId"] == class_id]

    def record(self) -> dict[str, list[Resource]]:
        """Resources are replaced, never changed in place, so this needs no deep copy."""
        with self.lock:
            return {"classes": list(self.classes.values()), "objects": list(self.objects.values())}

    def restore(self, record: Mapping[str, list[Resource]]) -> None:
        with self.lock:
            self.classes.update({one["id"]: one for one in record["classes"]})
            self.objects.update({one["id"]: one for one in record["objects"]})


def merged(old: Resource, patch: Mapping[str, Any]) -> Resource:
    """Objects are merged, arrays replaced wholesale, null takes a field away."""
    new = dict(old)
    for name, value in patch.items():
        if value is None:
            new.pop(name, None)
        elif isinstance(value, dict):
            before = new.get(name)
            new[name] = merged(before if isinstance(before, dict) else {}, value)
        else:
            new[name] = copy.deepcopy(value)
    return new


def next_version(resource: Mapping[str, Any]) -> str:
    return str(int(resource.get("version", "0")) + 1)
