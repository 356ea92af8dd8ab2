"""The pass templates in use, read again when their folder changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from wallet_service.actions.services import Clock
from wallet_service.apple.bundle.pkpass import Prepared
from wallet_service.apple.template import pass_body, pass_template
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.art.theme import Theme, load_theme
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Invalid, Misconfigured

LOOK_EVERY = timedelta(seconds=2)

Stamps = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, eq=False)
class Look:
    """A template with its theme; `prepared` holds the pictures that all its passes share."""

    template: PassTemplate
    theme: Theme
    prepared: Prepared
    wish: str | None  # the pass type that its pass.json names


@dataclass(frozen=True)
class _Held:
    found: Look | Misconfigured
    folder_stamp: int
    stamps: Stamps
    looked_at: datetime


class TemplateShelf:
    """`look` costs one stat; the files behind it are compared every two seconds."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder, self._clock = folder, clock
        self._held: dict[str, _Held] = {}
        self._one_reader = Lock()

    def look(self, name: str) -> Look:
        """Misconfigured when the folder is gone or cannot be used."""
        with self._one_reader:
            held = self._held[name] = self._current(name, self._clock())
        if isinstance(held.found, Misconfigured):
            raise Misconfigured(held.found.detail) from held.found
        return held.found

    def _current(self, name: str, now: datetime) -> _Held:
        folder, held = self._folder / f"{name}.pass", self._held.get(name)
        stamp = _folder_stamp(folder)
        fresh = held is not None and held.folder_stamp == stamp
        if held and fresh and abs(now - held.looked_at) < LOOK_EVERY:
            return held
        stamps = tuple(_stamps(folder))
        if held and fresh and held.stamps == stamps:
            return _Held(held.found, stamp, stamps, now)
        return _Held(_read(folder), stamp, stamps, now)


def _folder_stamp(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    for path in sorted(folder.rglob("*")):
        try:
            seen = path.stat()
        except OSError:  # on its way out while we look
            continue
        yield str(path), seen.st_mtime_ns, seen.st_size


def _read(folder: Path) -> Look | Misconfigured:
    try:
        template = pass_template.load(folder)
        theme = load_theme(folder)
        return Look(template, theme, Prepared(template.files), _wish(folder))
    except Misconfigured as fault:
        return fault
    except Invalid as fault:
        return Misconfigured(fault.detail)
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        said = f"The pass template {folder} cannot be read: {why}."
        return Misconfigured(Detail(said, "template/unread", template=folder.name, why=why))


def _wish(folder: Path) -> str | None:
    wish = pass_body.read_body((folder / pass_body.FILE).read_bytes()).get("passTypeIdentifier")
    return wish if isinstance(wish, str) else None
