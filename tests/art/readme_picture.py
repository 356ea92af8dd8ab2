"""The picture in the README: one card on its way; `python -m tests.art.readme_picture` draws it anew."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from wallet_service.cli.preview import pictures

FILE = Path(__file__).parents[2] / "docs" / "card.png"
COFFEE = FILE.parents[1] / "pass_templates" / "coffee.pass"
STATES = ("endowed", "half", "full")
WIDTH, HEIGHT = 600, 812  # of one card with the table around it
COLOURS = 96


def drawn() -> bytes:
    """Three states side by side; the same bytes on every machine."""
    cards = dict(pictures(COFFEE))
    wide = Image.new("RGB", (WIDTH * len(STATES), HEIGHT))
    for place, state in enumerate(STATES):
        wide.paste(_card(cards, state), (WIDTH * place, 0))
    few = wide.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    held = io.BytesIO()
    few.save(held, "PNG", optimize=True)
    return held.getvalue()


def _card(cards: dict[str, bytes], state: str) -> Image.Image:
    name = next(name for name in cards if name.endswith(f"-{state}-en.png"))
    whole = Image.open(io.BytesIO(cards[name])).convert("RGB")
    return whole.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    FILE.write_bytes(drawn())
