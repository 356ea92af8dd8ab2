"""How long a picture takes that nobody has seen yet, and one that somebody has."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.result import Result
from wallet_service.art.gallery import Gallery
from wallet_service.art.strip import SCALES, strip
from wallet_service.art.theme import Theme, load_theme
from wallet_service.domain.progress import Progress

COFFEE = Path(__file__).parent.parent / "pass_templates" / "coffee.pass"
LIMIT_MS = 35.0  # a new bar in all three densities
ROUNDS = 15
LOOK_UPS = 10_000


def measure() -> Iterator[Result]:
    theme = load_theme(COFFEE)
    points = [
        Progress(value=211 + 37 * turn, goal=1000, endowed=100 + turn, gained=60) for turn in range(ROUNDS)
    ]
    stamps = [Progress(2 + turn % 9, 12, endowed=turn % 3, gained=1, cells=True) for turn in range(ROUNDS)]
    drawn = _new(points, theme)
    yield Result("draw a new bar, points", drawn, LIMIT_MS, "ms", "limit", 1.0)
    yield Result("draw a new bar, stamps", _new(stamps, theme), LIMIT_MS, "ms", "limit", 1.0)
    yield Result("look up a drawn bar", _kept(points[0], theme), drawn, "ms", "drawing it", 0.001)


def _new(states: list[Progress], theme: Theme) -> float:
    """The median over states never drawn before, three densities each, in time of our own thread."""
    return statistics.median(_all_scales(state, theme) for state in states)


def _all_scales(state: Progress, theme: Theme) -> float:
    begun = time.thread_time()
    for scale in SCALES:
        strip(state, theme, scale)
    return (time.thread_time() - begun) * 1000


def _kept(state: Progress, theme: Theme) -> float:
    with tempfile.TemporaryDirectory() as folder:
        gallery = Gallery(Path(folder))
        gallery.picture(state, theme, 3)
        begun = time.thread_time()
        for _ in range(LOOK_UPS):
            gallery.picture(state, theme, 3)
        return (time.thread_time() - begun) * 1000 / LOOK_UPS
