"""The three kinds of figures: what only grows, what is spread, and what goes up and down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

values.ValueClass = values.MutexValue  # whatever the environment says: `sharing` decides


class Kind(Protocol):
    """`name` is as it is declared; a count is shown with `_total` behind it."""

    name: str

    def make(self, registry: CollectorRegistry) -> None: ...


declared: list[Kind] = []
registry = CollectorRegistry()
"""Of a process that shares with nobody: a command, a test."""


class Count:
    def __init__(self, name: str, says: str, labels: Sequence[str] = ()) -> None:
        self.name, self._says, self._labels = name, says, tuple(labels)
        _declare(self)

    def make(self, registry: CollectorRegistry) -> None:
        self._all = Counter(self.name, self._says, self._labels, registry=registry)
        self._known: dict[tuple[str, ...], Counter] = {}

    def inc(self, *labels: str, by: float = 1) -> None:
        one = self._known.get(labels)
        if one is None:
            one = self._known[labels] = self._all.labels(*labels) if labels else self._all
        one.inc(by)


class Spread:
    """`bounds` in seconds."""

    def __init__(self, name: str, says: str, bounds: Sequence[float], labels: Sequence[str] = ()) -> None:
        self.name, self._says, self._labels = name, says, tuple(labels)
        self._bounds = tuple(bounds)
        _declare(self)

    def make(self, registry: CollectorRegistry) -> None:
        self._all = Histogram(self.name, self._says, self._labels, buckets=self._bounds, registry=registry)
        self._known: dict[tuple[str, ...], Histogram] = {}

    def saw(self, seconds: float, *labels: str) -> None:
        one = self._known.get(labels)
        if one is None:
            one = self._known[labels] = self._all.labels(*labels) if labels else self._all
        one.observe(seconds)


class Level:
    """Of several processes the one that spoke last is believed, while it lives."""

    def __init__(self, name: str, says: str) -> None:
        self.name, self._says = name, says
        _declare(self)

    def make(self, registry: CollectorRegistry) -> None:
        self._all = Gauge(self.name, self._says, registry=registry, multiprocess_mode="livemostrecent")

    def set(self, value: float) -> None:
        self._all.set(value)


def _declare(kind: Kind) -> None:
    kind.make(registry)
    declared.append(kind)
