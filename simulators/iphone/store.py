"""Keeps the phones in a folder, so that a restart of the simulator finds its cards again."""

import json
import threading
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from simulators.iphone.bundle import Trust, open_bundle
from simulators.iphone.refusal import Refused
from simulators.iphone.state import HeldCard, Knobs, Notice, PhoneState

FLAGS = ("last_modified", "registered", "updates_on", "orphaned", "wake_ups")
FACTS = ("id", "language", "device", "push_token", "wake_ups")


class Store:
    """`phones.json` for the facts, one file per version of a card; written whole, then renamed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, phones: list[PhoneState]) -> None:
        with self._lock:
            kept = {f"{card.bundle.version}.pkpass": card for phone in phones for card in _cards(phone)}
            for name, card in kept.items():
                if not (self._folder / name).exists():
                    _write(self._folder / name, card.bundle.raw)
            _write(self._folder / "phones.json", _dump(phones))
            for old in self._folder.glob("*.pkpass"):
                if old.name not in kept:
                    old.unlink()

    def load(self, trust: Trust, now: datetime) -> list[PhoneState]:
        """Cards that the phone would refuse today are left out."""
        path = self._folder / "phones.json"
        if not path.exists():
            return []
        return [self._phone(record, trust, now) for record in json.loads(path.read_text("utf-8"))]

    def _phone(self, record: dict[str, Any], trust: Trust, now: datetime) -> PhoneState:
        phone = PhoneState(**{name: record[name] for name in FACTS}, knobs=Knobs(**record["knobs"]))
        phone.waiting = set(record["waiting"])
        phone.switched_off = set(record["switched_off"])
        phone.tags = {(service, pass_type): tag for service, pass_type, tag in record["tags"]}
        phone.complaints.extend(record["complaints"])
        for notice in record["notices"]:
            phone.notices.append(Notice(**{**notice, "at": datetime.fromisoformat(notice["at"])}))
        for entry in record["cards"]:
            card = self._card(entry, trust, now)
            if card:
                phone.cards[card.key] = card
        return phone

    def _card(self, entry: dict[str, Any], trust: Trust, now: datetime) -> HeldCard | None:
        try:
            bundle = open_bundle((self._folder / entry["file"]).read_bytes(), trust, now)
        except (Refused, OSError):
            return None
        added, changed = (datetime.fromisoformat(entry[name]) for name in ("added_at", "changed_at"))
        return HeldCard(bundle, added, changed, **{name: entry[name] for name in FLAGS})


def _cards(phone: PhoneState) -> list[HeldCard]:
    return list(phone.cards.values())


def _write(path: Path, data: bytes) -> None:
    draft = path.with_suffix(".draft")
    draft.write_bytes(data)
    draft.replace(path)


def _dump(phones: list[PhoneState]) -> bytes:
    return json.dumps([_record(phone) for phone in phones], ensure_ascii=False, indent=1).encode()


def _record(phone: PhoneState) -> dict[str, Any]:
    return {
        **{name: getattr(phone, name) for name in FACTS},
        "knobs": asdict(phone.knobs),
        "waiting": sorted(phone.waiting),
        "switched_off": sorted(phone.switched_off),
        "tags": [[*key, tag] for key, tag in list(phone.tags.items())],
        "complaints": list(phone.complaints),
        "notices": [{**asdict(notice), "at": notice.at.isoformat()} for notice in list(phone.notices)],
        "cards": [_entry(card) for card in _cards(phone)],
    }


def _entry(card: HeldCard) -> dict[str, Any]:
    return {
        "file": f"{card.bundle.version}.pkpass",
        "added_at": card.added_at.isoformat(),
        "changed_at": card.changed_at.isoformat(),
        **{name: getattr(card, name) for name in FLAGS},
    }
