"""A program's look on a page: its colours as custom properties, its bar and its codes as inline pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.main import QRCode

from wallet_service.art.colour import BLACK, WHITE, Rgb, contrast
from wallet_service.art.svg import svg
from wallet_service.art.theme import FILE, Theme, load_theme
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Progress

DAY, NIGHT = Rgb(255, 255, 255), Rgb(12, 13, 16)
SEEN = 3.0  # WCAG 1.4.11
QUIET = 2  # modules; the white tile around adds more than the missing two


@dataclass(frozen=True)
class Look:
    theme: Theme

    @property
    def css(self) -> Markup:
        """Set where a page has no style attributes: once, in its head."""
        theme = self.theme
        card = (
            f"--card:{theme.background.hex};--card-ink:{theme.foreground.hex};--card-soft:{theme.label.hex};"
        )
        day, night = (_button(theme, paper) for paper in (DAY, NIGHT))
        dark = "@media (prefers-color-scheme:dark)"
        return Markup(f":root{{{card}{day}}}{dark}{{:root{{{night}}}}}")  # noqa: S704 colours only


def look(program: Program, folder: Path) -> Look:
    return _look(folder / f"{program.template}.pass")


def _look(folder: Path) -> Look:
    stamps = tuple(_stamp(folder / name) for name in (FILE, "pass.json"))
    return _loaded(folder, stamps)


@lru_cache(maxsize=64)
def _loaded(folder: Path, _stamps: tuple[int, ...]) -> Look:
    """Read again when a designer saves a file."""
    return Look(load_theme(folder))


def _stamp(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _button(theme: Theme, paper: Rgb) -> str:
    """The first colour of the brand that can be seen on this paper, and the ink that can be read on it."""
    tones = (theme.background, theme.fill, theme.strong, theme.foreground)
    ground = next((tone for tone in tones if contrast(tone, paper) >= SEEN), theme.background)
    ink = max((theme.background, theme.foreground, BLACK, WHITE), key=lambda tone: contrast(tone, ground))
    return f"--brand:{ground.hex};--brand-ink:{ink.hex};"


def bar_svg(progress: Progress, look: Look) -> Markup:
    """Decoration beside the words; whoever shows it says the same in text."""
    return Markup(svg(progress, look.theme))  # noqa: S704 numbers and colours only


@lru_cache(maxsize=512)
def qr_svg(message: str, label: str, *, dense: bool = False) -> Markup:
    """A card's number is drawn robustly; `dense` keeps the code of a long address coarse instead."""
    code = QRCode(error_correction=ERROR_CORRECT_M if dense else ERROR_CORRECT_Q, border=QUIET)
    code.add_data(message)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(_row(y, [bool(cell) for cell in row]) for y, row in enumerate(rows))
    return Markup(  # noqa: S704 the label is escaped, the rest is digits
        f'<svg class="qr" viewBox="0 0 {len(rows)} {len(rows)}" role="img" shape-rendering="crispEdges">'
        f'<title>{escape(label)}</title><path fill="#fff" d="M0 0h{len(rows)}v{len(rows)}H0z"/>'
        f'<path d="{path}"/></svg>'
    )


def _row(y: int, cells: list[bool]) -> str:
    """Neighbours as one stroke: half the length."""
    parts, x = [], 0
    while x < len(cells):
        width = next((n for n, cell in enumerate(cells[x:]) if cell != cells[x]), len(cells) - x)
        if cells[x]:
            parts.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(parts)
