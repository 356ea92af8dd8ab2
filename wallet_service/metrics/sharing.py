"""Several processes count together: each in files of its own, in one folder, added up by whoever asks.

What a process counted outlives it: its files are added to those of the past, so that no sum ever falls and
no file stays behind. Whether it lives is told by a lock that dies with it, not by its number, which another
process, or another container on the same folder, may bear.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from wallet_service.metrics import kinds

log = logging.getLogger(__name__)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the library looks for it
ROOM = 256 * 1024  # bytes for each file, some thousand figures
KEPT = ("counter", "histogram")
OURS = (*KEPT, "gauge_livemostrecent")
PAST = "past"


def share(folder: Path) -> None:
    """From now on this process counts in `folder`, from nothing. A folder that cannot be written is no reason
    not to serve: then it counts by itself. What the dead left is put away here too, in case nobody ever asks.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        Part.of(folder)
        with _alone_in(folder):
            _bury_the_dead(folder)
    except OSError as refused:
        log.warning("the figures of this process are not shared: %s", refused)


def counted() -> Iterable[Metric]:
    """All figures of all processes that share with this one, the dead among them."""
    if Part.mine is None:
        return list(kinds.registry.collect())
    if not Part.mine.folder.is_dir():  # somebody cleared it away: from nothing, as after a restart
        share(Part.mine.folder)
    with _alone_in(Part.mine.folder):
        _bury_the_dead(Part.mine.folder)
        return list(MultiProcessCollector(None, str(Part.mine.folder)).collect())


class Part:
    """This process in that folder. After a fork the child has a part of its own."""

    mine: Part | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._begin()

    @classmethod
    def of(cls, folder: Path) -> None:
        part = cls(folder)
        os.environ[FOLDER] = str(folder)
        values.ValueClass = values.MultiProcessValue(part.name)
        registry = CollectorRegistry()
        for kind in kinds.declared:
            kind.make(registry)
        cls.mine = part

    def name(self) -> str:
        """Asked with every count."""
        if os.getpid() != self._pid:
            self._begin()
        return self._name

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._name = f"{self._pid}-{secrets.token_hex(4)}"
        with _alone_in(self.folder):
            for kind in OURS:
                _reserve(self.folder / f"{kind}_{self._name}.db", ROOM)
            self._lock = (self.folder / f"{self._name}.lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)


def _reserve(path: Path, size: int) -> None:
    """The disk gives the room now or refuses it now: a file with holes in it, mapped into memory, ends the
    process when the disk is full.
    """
    with path.open("xb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            path.unlink()
            raise


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    with (folder / "folder").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bury_the_dead(folder: Path) -> None:
    for lock in folder.glob("*.lock"):
        if _is_dead(lock):
            try:
                _bury(folder, lock.stem)
                lock.unlink()
            except OSError as full:
                log.warning("the figures of a process that ended stay where they are: %s", full)


def _is_dead(lock: Path) -> bool:
    with lock.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _bury(folder: Path, name: str) -> None:
    for kind in KEPT:
        own = folder / f"{kind}_{name}.db"
        if own.exists():
            _add(own, folder / f"{kind}_{PAST}.db")
            own.unlink()
    for gauge in folder.glob(f"gauge_*_{name}.db"):
        gauge.unlink()


def _add(own: Path, past: Path) -> None:
    """Into a copy that takes the place of what was: a scrape sees all of it or nothing."""
    new = past.with_suffix(".new")
    new.unlink(missing_ok=True)
    _reserve(new, max(past.stat().st_size if past.exists() else 0, ROOM))
    if past.exists():
        with past.open("rb") as source, new.open("r+b") as target:
            shutil.copyfileobj(source, target)
    sums = MmapedDict(str(new))
    for key, value, _, _ in MmapedDict.read_all_values_from_file(str(own)):
        sums.write_value(key, sums.read_value(key)[0] + value, 0.0)
    sums.close()
    new.replace(past)
