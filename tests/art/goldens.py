"""The states that are kept as pictures; `python -m tests.art.goldens` draws them anew."""

from __future__ import annotations

from pathlib import Path

from tests.art.pixels import COFFEE, points, stamps
from wallet_service.art.strip import strip
from wallet_service.domain.progress import Progress

FOLDER = Path(__file__).parent / "golden"

STAMPS = {
    "stamps-0-of-12": stamps(0),
    "stamps-2-given-of-12": stamps(2, endowed=2, gained=2),
    "stamps-half": stamps(6, endowed=2, gained=1),
    "stamps-one-to-go": stamps(11, endowed=2, gained=1),
    "stamps-full": stamps(12, endowed=2, gained=1),
    "stamps-in-debt": stamps(-3),
}
POINTS = {
    f"points-{value:03}": points(value, endowed=15, gained=8) for value in (49, 50, 51, 79, 80, 99, 100)
}
DENSITIES = {(name, 2): state for name, state in (STAMPS | POINTS).items()} | {
    ("stamps-half", 1): STAMPS["stamps-half"],
    ("stamps-half", 3): STAMPS["stamps-half"],
    ("points-079", 1): POINTS["points-079"],
    ("points-079", 3): POINTS["points-079"],
}


def file(name: str, scale: int) -> Path:
    return FOLDER / f"{name}@{scale}x.png"


def drawn(state: Progress, scale: int) -> bytes:
    return strip(state, COFFEE, scale)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for (name, scale), state in DENSITIES.items():
        file(name, scale).write_bytes(drawn(state, scale))


if __name__ == "__main__":
    main()
