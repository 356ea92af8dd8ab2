"""The whole card as an iPhone draws it, so that a designer sees it before any phone does."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw
from PIL.ImageFont import FreeTypeFont

from wallet_service.art.colour import BLACK, WHITE, Rgb
from wallet_service.art.lettering import Weight, cut, font
from wallet_service.art.paint import paint, png
from wallet_service.art.shapes import RoundRect
from wallet_service.art.symbol import symbol

SCALE = 2
WIDTH, EDGE, PAGE = 375, 16, 12  # points: the card, its inner edge, the table around it
HEAD, STRIP, ROW = 66, 144, 66
CODE, FRAME = 148, 188
LABEL, VALUE = 11, 18
MOST_FIELDS = 4  # as many as storeCard shows below the strip
TABLE = Rgb(233, 233, 238)

Field = tuple[str, str]  # label, value


@dataclass(frozen=True)
class CardView:
    """Plain values of one card in one language; `fields` are the secondary, then the auxiliary ones."""

    background: Rgb
    foreground: Rgb
    label: Rgb
    logo: bytes | None
    logo_text: str
    header: Field | None
    strip: bytes | None
    fields: tuple[Field, ...]
    message: str
    alt_text: str
    primary: Field | None = None


def card_picture(view: CardView) -> bytes:
    """A PNG at two pixels to the point."""
    card = _Card(view)
    card.head()
    card.strip()
    card.row()
    card.code()
    return png(card.canvas)


class _Card:
    """Drawn from the top; every measure in points."""

    def __init__(self, view: CardView) -> None:
        self.view = view
        self.height = HEAD + STRIP + ROW + 24 + FRAME + 28
        size = ((WIDTH + 2 * PAGE) * SCALE, (self.height + 2 * PAGE) * SCALE)
        self.canvas = Image.new("RGB", size, TABLE)
        self._paint(RoundRect(0, 0, WIDTH, self.height, 14, view.background))

    def head(self) -> None:
        left = EDGE + self._logo()
        taken = self._header()
        face = font(Weight.MEDIUM, 19 * SCALE)
        text = cut(self.view.logo_text, face, (WIDTH - EDGE - taken - left - 8) * SCALE)
        self._text(left, HEAD / 2, text, face, self.view.foreground, "lm")

    def _logo(self) -> float:
        """At most 160 x 50 points, as wide as it is; answers how much room it took."""
        if not self.view.logo:
            return 0
        logo = Image.open(io.BytesIO(self.view.logo)).convert("RGBA")
        logo.thumbnail((160 * SCALE, 50 * SCALE))
        place = self._pixel(EDGE, HEAD / 2)
        self.canvas.paste(logo, (place[0], place[1] - logo.height // 2), logo)
        return logo.width / SCALE + 10

    def _header(self) -> float:
        if not self.view.header:
            return 0
        return self._field(self.view.header, WIDTH - EDGE, 14, 110, "r", 20)

    def strip(self) -> None:
        if self.view.strip:
            picture = Image.open(io.BytesIO(self.view.strip)).convert("RGB")
            self.canvas.paste(picture.resize((WIDTH * SCALE, STRIP * SCALE)), self._pixel(0, HEAD))
        if self.view.primary:
            label, value = self.view.primary
            large, small = font(Weight.REGULAR, 44 * SCALE), font(Weight.MEDIUM, 13 * SCALE)
            room = (WIDTH - 2 * EDGE) * SCALE
            self._text(EDGE, HEAD + 52, cut(value, large, room), large, self.view.foreground, "lm")
            self._text(EDGE, HEAD + 90, cut(label, small, room), small, self.view.foreground, "lm")

    def row(self) -> None:
        """Side by side, the last one on the right edge; a short field leaves its room to a long one."""
        shown = self.view.fields[:MOST_FIELDS]
        gap, left = 12, float(EDGE)
        wide = _shared([_natural(field) for field in shown], WIDTH - 2 * EDGE - gap * (len(shown) - 1))
        for order, (field, room) in enumerate(zip(shown, wide, strict=True)):
            last = order and order == len(shown) - 1
            x = WIDTH - EDGE if last else left
            self._field(field, x, HEAD + STRIP + 14, room, "r" if last else "l", VALUE)
            left += room + gap

    def code(self) -> None:
        left, top = (WIDTH - FRAME) / 2, HEAD + STRIP + ROW + 24
        self._paint(RoundRect(left, top, FRAME, FRAME, 10, WHITE))
        drawn = symbol(self.view.message, (CODE + 14) * SCALE)
        x, y = self._pixel(WIDTH / 2, top + 6)
        self.canvas.paste(drawn, (x - drawn.width // 2, y))
        face = font(Weight.REGULAR, 13 * SCALE)
        text = cut(self.view.alt_text, face, (FRAME - 12) * SCALE)
        self._text(WIDTH / 2, top + FRAME - 13, text, face, BLACK, "mm")

    def _field(self, field: Field, x: float, y: float, wide: float, lean: str, size: int) -> float:
        """Label over value; answers how wide it became."""
        small, large = font(Weight.MEDIUM, LABEL * SCALE), font(Weight.REGULAR, size * SCALE)
        label, value = cut(field[0].upper(), small, wide * SCALE), cut(field[1], large, wide * SCALE)
        self._text(x, y + 4, label, small, self.view.label, f"{lean}m")
        self._text(x, y + 24, value, large, self.view.foreground, f"{lean}m")
        return max(small.getlength(label), large.getlength(value)) / SCALE

    def _text(self, x: float, y: float, text: str, face: FreeTypeFont, colour: Rgb, anchor: str) -> None:
        draw = ImageDraw.Draw(self.canvas)
        draw.text(self._pixel(x, y), text, font=face, fill=colour, anchor=anchor)

    def _paint(self, shape: RoundRect) -> None:
        moved = RoundRect(
            shape.x + PAGE, shape.y + PAGE, shape.width, shape.height, shape.radius, shape.colour
        )
        paint(self.canvas, (moved,), SCALE)

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        return round((x + PAGE) * SCALE), round((y + PAGE) * SCALE)


def _natural(field: Field) -> float:
    label, value = font(Weight.MEDIUM, LABEL * SCALE), font(Weight.REGULAR, VALUE * SCALE)
    return max(label.getlength(field[0].upper()), value.getlength(field[1])) / SCALE


def _shared(wants: list[float], room: float) -> list[float]:
    """Whoever wants less than an even share of what is left gets that; the longest gets all the rest."""
    given: dict[int, float] = {}
    for place, want in sorted(enumerate(wants), key=lambda pair: pair[1]):
        share = (room - sum(given.values())) / (len(wants) - len(given))
        given[place] = min(want, share) if len(given) < len(wants) - 1 else share
    return [given[place] for place in range(len(wants))]
