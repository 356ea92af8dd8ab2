"""The looks in use, read again when a designer saves a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from wallet_service.actions.links import Links
from wallet_service.actions.services import Clock, Services
from wallet_service.art.gallery import Gallery
from wallet_service.art.hero import HERO_KIND
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Invalid, Misconfigured
from wallet_service.domain.face import CardFace
from wallet_service.google.look import GoogleLook, load_look
from wallet_service.settings import GOOGLE_API

LOOK_EVERY = timedelta(seconds=2)

Stamps = tuple[tuple[str, int, int], ...]


class LookShelf:
    """`look` costs next to nothing; the files behind it are compared every two seconds."""

    def __init__(
        self, folder: Path, gallery: Gallery, links: Links, clock: Clock, *, plain_http: bool = False
    ) -> None:
        self._folder, self._gallery, self._links, self._clock = folder, gallery, links, clock
        self._plain_http = plain_http
        self._loaded = lru_cache(maxsize=64)(self._load)
        self._held: dict[str, tuple[GoogleLook, datetime]] = {}

    @classmethod
    def of(cls, services: Services) -> LookShelf:
        settings = services.settings
        simulated = settings.google is not None and settings.google.api_url != GOOGLE_API
        return cls(
            settings.templates_dir, services.gallery, services.links, services.clock, plain_http=simulated
        )

    def look(self, template: str) -> GoogleLook:
        """Misconfigured when the folder is gone or cannot be used."""
        now, held = self._clock(), self._held.get(template)
        if held and abs(now - held[1]) < LOOK_EVERY:
            return held[0]
        look = self._current(template)
        self._held[template] = look, now
        return look

    def hero(self, face: CardFace) -> str:
        """The address of the picture of this state; it is there before the address is given out."""
        theme = self.look(face.template).theme
        return self._links.art(self._gallery.address(face.progress, theme, 1, HERO_KIND))

    def _current(self, template: str) -> GoogleLook:
        folder = self._folder / f"{template}.pass"
        try:
            return self._loaded(folder, tuple(_stamps(folder)))
        except Invalid as fault:
            raise Misconfigured(fault.detail) from fault
        except OSError as fault:
            why = fault.strerror or type(fault).__name__
            said = f"The pass template {folder} cannot be read: {why}."
            raise Misconfigured(Detail(said, "template/unread", template=folder.name, why=why)) from fault

    def _load(self, folder: Path, _stamps: Stamps) -> GoogleLook:
        return load_look(folder, self._gallery, self._links, plain_http=self._plain_http)


def _stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    """What a look is made of, and no more: pictures of Apple's alone do not matter here."""
    for file in sorted(folder.iterdir()):
        if file.name in ("template.toml", "pass.json") or file.name.startswith("google-"):
            seen = file.stat()
            yield file.name, seen.st_mtime_ns, seen.st_size
