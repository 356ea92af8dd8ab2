"""A canvas in points, and where its pixels lie."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """A canvas in points; nothing that means anything leaves the centred `band` (I2)."""

    width: int
    height: int
    band: int
    scale: int = 1

    @property
    def unit(self) -> float:
        return min(self.width / 375, self.band / 98)

    def snap(self, points: float) -> float:
        """Down to a whole pixel; a hair of floating point does not cost one."""
        return math.floor(points * self.scale + 1e-6) / self.scale


STRIP = Frame(375, 144, 98)
