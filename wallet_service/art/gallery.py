"""Every picture is drawn once and kept under an address that says all of what it shows."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol

from wallet_service.art.frame import STRIP, Frame
from wallet_service.art.scene import scene
from wallet_service.art.strip import strip
from wallet_service.art.theme import Theme
from wallet_service.domain.progress import Progress

log = logging.getLogger(__name__)

RENDERER = 1  # raise it when the same scene is painted differently: old addresses keep their old pictures
KEPT = 512  # pictures in memory, about 10 KB each
MOST_SHARED = 10_000  # digests of which this process remembers that others find them
DIGEST = re.compile(r"[0-9a-f]{64}")


class Kind(NamedTuple):
    """A picture's name, its canvas, and who draws it."""

    name: str
    frame: Frame
    draw: Callable[[Progress, Theme, int], bytes]


STRIP_KIND = Kind("strip", STRIP, strip)


@lru_cache(maxsize=4096)
def digest_of(progress: Progress, theme: Theme, kind: Kind, scale: int) -> str:
    """Two states that look the same share an address, because what is addressed is the scene."""
    shown = scene(progress, theme, replace(kind.frame, scale=scale))
    return hashlib.sha256(f"{RENDERER} {kind.name} {theme.digest} {shown!r}".encode()).hexdigest()


class Shelf(Protocol):
    """Where other machines look for what this one gave out the address of."""

    def find(self, digest: str) -> bytes | None: ...

    def keep(self, digest: str, content: bytes) -> bool:
        """Whether it is there now."""


class Gallery:
    """Memory first, then the folder, then the brush: a folder that is gone or full costs time, no picture.
    Addresses that are given out lead there on every machine, by the shelf that they share.

    Nothing here is ever deleted: a wallet may ask for an address years after it was given out.
    """

    def __init__(self, folder: Path, shelf: Shelf | None = None) -> None:
        self._folder, self._shelf = folder, shelf
        self._shared = set[str]()
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def picture(self, progress: Progress, theme: Theme, scale: int, kind: Kind = STRIP_KIND) -> bytes:
        digest = digest_of(progress, theme, kind, scale)
        return self._here(digest) or self._draw(digest, progress, theme, scale, kind)

    def address(self, progress: Progress, theme: Theme, scale: int, kind: Kind = STRIP_KIND) -> str:
        """The digest for `/art/<digest>.png`; whoever has it will find the picture there."""
        digest = digest_of(progress, theme, kind, scale)
        self._share(digest, self.picture(progress, theme, scale, kind))
        return digest

    def keep(self, content: bytes) -> str:
        """The digest of a picture that is not drawn here, such as a template's own; it stays too."""
        digest = hashlib.sha256(content).hexdigest()
        if self._here(digest) is None:
            self._put(digest, content)
        self._share(digest, content)
        return digest

    def open(self, digest: str) -> bytes | None:
        """None for an address that was never given out, or that is none at all."""
        if not DIGEST.fullmatch(digest):
            return None
        return self._here(digest) or self._from_shelf(digest)

    def _here(self, digest: str) -> bytes | None:
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
                return self._kept[digest]
        found = self._read(digest)
        return self._keep(digest, found) if found else None

    def _from_shelf(self, digest: str) -> bytes | None:
        found = self._shelf.find(digest) if self._shelf else None
        return self._put(digest, found) if found else None

    def _share(self, digest: str, content: bytes) -> None:
        if self._shelf and digest not in self._shared and self._shelf.keep(digest, content):
            if len(self._shared) >= MOST_SHARED:
                self._shared.clear()
            self._shared.add(digest)

    def _read(self, digest: str) -> bytes | None:
        try:
            return self._file(digest).read_bytes()
        except OSError:
            return None

    def _draw(self, digest: str, progress: Progress, theme: Theme, scale: int, kind: Kind) -> bytes:
        return self._put(digest, kind.draw(progress, theme, scale))

    def _put(self, digest: str, content: bytes) -> bytes:
        try:
            self._write(self._file(digest), content)
        except OSError as error:
            log.warning("The picture %s could not be kept in %s: %s", digest, self._folder, error.strerror)
        return self._keep(digest, content)

    def _write(self, file: Path, content: bytes) -> None:
        """Whole or not at all: a reader never meets half a picture."""
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=file.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
            Path(part).replace(file)
        except OSError:
            with suppress(OSError):
                Path(part).unlink()
            raise

    def _keep(self, digest: str, content: bytes) -> bytes:
        with self._lock:
            self._kept[digest] = content
            self._kept.move_to_end(digest)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return content

    def _file(self, digest: str) -> Path:
        return self._folder / f"{digest}.png"
