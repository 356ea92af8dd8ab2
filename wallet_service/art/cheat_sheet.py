"""The sheet beside the till: one page of A4 that says all a cashier has to know about one program."""

from __future__ import annotations

import io
from bisect import bisect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont
from PIL import Image

from wallet_service.art.colour import Rgb
from wallet_service.art.frame import Frame
from wallet_service.art.lettering import Weight
from wallet_service.art.paint import paint, png
from wallet_service.art.scene import scene
from wallet_service.art.theme import Theme
from wallet_service.domain.progress import Progress

WIDTH, HEIGHT = 210.0, 297.0  # A4 in millimetres
MARGIN, GAP = 14.0, 9.0
COLUMN = (WIDTH - 2 * MARGIN - GAP) / 2
CARD_WIDTH, CARD_HEIGHT = 74.0, 44.0
BAR_FRAME = Frame(375, 98, 98, scale=4)
SIZES = tuple(5.5 + step / 4 for step in range(31))  # points
INK, SOFT, RULE = Rgb(20, 22, 26), Rgb(93, 101, 115), Rgb(213, 218, 226)
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)  # the same sheet is the same file, whenever it is printed
FAMILY = "Roboto"


@dataclass(frozen=True)
class Section:
    """A heading and its lines: a mark that stands out (a key, a number, a title) and what it means."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CheatSheet:
    """Plain texts in one language; `card_*` is what the pictured card shows."""

    language: str
    title: str
    shop: str
    card_name: str
    card_sum: str
    card_news: str
    bar: Progress
    theme: Theme
    left: tuple[Section, ...]
    right: tuple[Section, ...]


def cheat_sheet(sheet: CheatSheet) -> bytes:
    """With the largest letters that leave it on one page."""
    with _blank(sheet) as tried, _blank(sheet) as pdf:
        fitting = bisect(SIZES, 0, key=lambda size: not _Page(tried, sheet, size).fits)
        _Page(pdf, sheet, SIZES[max(fitting - 1, 0)])
        return bytes(pdf.output())


@contextmanager
def _blank(sheet: CheatSheet) -> Iterator[FPDF]:
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.add_font(FAMILY, "", str(Weight.REGULAR))
    pdf.add_font(FAMILY, "B", str(Weight.BOLD))
    pdf.add_font(f"{FAMILY}Medium", "", str(Weight.MEDIUM))
    pdf.set_title(f"{sheet.title}: {sheet.card_name}")
    pdf.set_lang(sheet.language)
    pdf.set_creation_date(ALWAYS)
    try:
        yield pdf
    finally:
        for font in pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.close()


class _Page:
    """Written from the top; every measure in millimetres, letters in points."""

    def __init__(self, pdf: FPDF, sheet: CheatSheet, size: float) -> None:
        self.pdf, self.sheet, self.size = pdf, sheet, size
        pdf.set_margins(MARGIN, MARGIN)
        pdf.add_page()
        self._head()
        self._card()
        top = MARGIN + CARD_HEIGHT + 8
        ends = (self._column(sheet.left, MARGIN, top), self._column(sheet.right, MARGIN + COLUMN + GAP, top))
        self.fits = max(ends) <= HEIGHT - MARGIN

    def _head(self) -> None:
        width = WIDTH - 2 * MARGIN - CARD_WIDTH - GAP
        self._say(self.sheet.shop, MARGIN, MARGIN + 2, width, 11, "", SOFT)
        self._say(self.sheet.title, MARGIN, self.pdf.get_y() + 1.5, width, 24, "B", INK)
        self._say(self.sheet.card_name, MARGIN, self.pdf.get_y() + 2, width, 13, "M", SOFT)

    def _card(self) -> None:
        """The card itself, so that everybody knows what to look for on a phone."""
        pdf, theme, left = self.pdf, self.sheet.theme, WIDTH - MARGIN - CARD_WIDTH
        pdf.set_fill_color(*theme.background)
        pdf.rect(left, MARGIN, CARD_WIDTH, CARD_HEIGHT, "F", round_corners=True, corner_radius=3.5)
        self._say(self.sheet.card_name, left + 4, MARGIN + 3.5, 38, 8.5, "M", theme.foreground, lines=2)
        self._say(self.sheet.card_sum, left + 43, MARGIN + 3.5, 27, 9, "B", theme.foreground, align="R")
        bar = _bar(self.sheet.bar, theme)
        pdf.image(io.BytesIO(bar), left, MARGIN + 14, CARD_WIDTH, CARD_WIDTH * 98 / 375)
        self._say(
            self.sheet.card_news, left + 4, MARGIN + 34.5, CARD_WIDTH - 8, 7.5, "", theme.foreground, lines=2
        )

    def _column(self, sections: tuple[Section, ...], left: float, top: float) -> float:
        """Answers where it ends."""
        for section in sections:
            self._say(section.title, left, top, COLUMN, self.size * 1.25, "B", INK)
            top = self.pdf.get_y() + self.size * 0.12
            for mark, text in section.lines:
                top = self._line(mark, text, left, top)
            top += self.size * 0.42
        return top

    def _line(self, mark: str, text: str, left: float, top: float) -> float:
        pdf = self.pdf
        pdf.set_draw_color(*RULE)
        pdf.set_line_width(0.15)
        pdf.line(left, top, left + COLUMN, top)
        pdf.set_xy(left, top + self.size * 0.07)
        pdf.set_left_margin(left)
        pdf.set_right_margin(WIDTH - left - COLUMN)
        if mark:
            self._pen(self.size, "B", INK)
            pdf.write(self._height(self.size), f"{mark}  ")
        self._pen(self.size, "", INK)
        pdf.write(self._height(self.size), text)
        return pdf.get_y() + self._height(self.size) + self.size * 0.07

    def _say(
        self,
        text: str,
        left: float,
        top: float,
        width: float,
        size: float,
        style: str,
        colour: Rgb,
        *,
        align: str = "L",
        lines: int = 3,
    ) -> None:
        """What is too long for its lines is cut: a name may be anything."""
        self._pen(size, style, colour)
        rows = self._rows(text, width, lines)
        self.pdf.set_y(top)
        for row in rows:
            self.pdf.set_x(left)
            self.pdf.cell(width, self._height(size), row, align=align, new_x=XPos.LEFT, new_y=YPos.NEXT)

    def _rows(self, text: str, width: float, most: int) -> list[str]:
        rows = cast(list[str], self.pdf.multi_cell(width, None, text, dry_run=True, output="LINES"))
        return rows if len(rows) <= most else [*rows[: most - 1], f"{rows[most - 1].rstrip()}…"]

    def _pen(self, size: float, style: str, colour: Rgb) -> None:
        family, style = (f"{FAMILY}Medium", "") if style == "M" else (FAMILY, style)
        self.pdf.set_font(family, style, size)
        self.pdf.set_text_color(*colour)

    def _height(self, size: float) -> float:
        return size * 25.4 / 72 * 1.22


def _bar(progress: Progress, theme: Theme) -> bytes:
    """The very bar of the card."""
    size = (round(BAR_FRAME.width * BAR_FRAME.scale), round(BAR_FRAME.height * BAR_FRAME.scale))
    canvas = Image.new("RGB", size, theme.background)
    drawn = scene(progress, theme, BAR_FRAME)
    paint(canvas, drawn.ground, BAR_FRAME.scale)
    paint(canvas, drawn.shapes, BAR_FRAME.scale)
    return png(canvas)
