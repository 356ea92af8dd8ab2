"""One figure of a benchmark, beside the limit or peer that was measured in the same run."""

from __future__ import annotations

from dataclasses import dataclass

COSTS = frozenset({"s", "ms", "us", "kB", "MB"})


@dataclass(frozen=True)
class Result:
    """`ratio` is ours to the peer's; `target` is the least it may be, or the most for a time or a size."""

    name: str
    ours: float
    peer: float
    unit: str
    peer_name: str
    target: float

    @property
    def ratio(self) -> float:
        return self.ours / self.peer

    @property
    def less_is_better(self) -> bool:
        return self.unit in COSTS

    @property
    def reached(self) -> bool:
        return self.ratio <= self.target if self.less_is_better else self.ratio >= self.target
