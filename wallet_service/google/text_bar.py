"""The bar as ten glyphs, for where no picture is shown."""

from __future__ import annotations

from wallet_service.domain.progress import Progress

FULL, EMPTY, LENGTH = "▰", "▱", 10


def text_bar(progress: Progress) -> str:
    """Something from the first purchase on, and full only when the reward is ready (D3)."""
    return FULL * _filled(progress) + EMPTY * (LENGTH - _filled(progress))


def _filled(progress: Progress) -> int:
    if progress.ready:
        return LENGTH
    if progress.value <= 0:
        return 0
    return min(max(progress.value * LENGTH // progress.goal, 1), LENGTH - 1)
