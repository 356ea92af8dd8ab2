"""A keyboard-wedge scanner: fast keys of a US keyboard, under whatever layout the machine has."""

from __future__ import annotations

import time
from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page

GAP = 0.008  # seconds from key to key; said with each event, so that a busy machine makes no scan slower
SHIFT = 8
ROWS = {
    "us": ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./"),
    "US": ("~!@#$%^&*()_+", "QWERTYUIOP{}|", 'ASDFGHJKL:"', "ZXCVBNM<>?"),
    "ru": ("ё1234567890-=", "йцукенгшщзхъ\\", "фывапролджэ", "ячсмитьбю."),
    "RU": ('Ё!"№;%:?*()_+', "ЙЦУКЕНГШЩЗХЪ/", "ФЫВАПРОЛДЖЭ", "ЯЧСМИТЬБЮ,"),
    "de": ("^1234567890ß´", "qwertzuiopü+#", "asdfghjklöä", "yxcvbnm,.-"),
    "DE": ('°!"§$%&/()=?`', "QWERTZUIOPÜ*'", "ASDFGHJKLÖÄ", "YXCVBNM;:_"),
    "fr": ("²&é\"'(-è_çà)=", "azertyuiop^$*", "qsdfghjklmù", "wxcvbn,;:!"),
    "FR": ("~1234567890°+", "AZERTYUIOP¨£µ", "QSDFGHJKLM%", "WXCVBN?./§"),
}
CODES = (
    ("Backquote", *(f"Digit{digit}" for digit in "1234567890"), "Minus", "Equal"),
    (*(f"Key{letter}" for letter in "QWERTYUIOP"), "BracketLeft", "BracketRight", "Backslash"),
    (*(f"Key{letter}" for letter in "ASDFGHJKL"), "Semicolon", "Quote"),
    (*(f"Key{letter}" for letter in "ZXCVBNM"), "Comma", "Period", "Slash"),
)
DEAD = "^´`¨"
LAYOUTS = ("us", "ru", "de", "fr")


@dataclass(frozen=True)
class Stroke:
    code: str
    key: str
    shift: bool


def strokes(text: str, layout: str = "us", *, caps: bool = False) -> list[Stroke]:
    """What this text's US positions write under the layout of the machine."""
    return [_stroke(character, layout, caps=caps) for character in text]


class Scanner:
    """`gap`: seconds from key to key, as each event says it; `honest`: events say when they really came."""

    def __init__(self, page: Page, *, gap: float = GAP, honest: bool = False) -> None:
        self.gap, self.honest = gap, honest
        self._line: CDPSession = page.context.new_cdp_session(page)

    def scan(
        self,
        text: str,
        layout: str = "us",
        *,
        ended: str = "Enter",
        caps: bool = False,
        began: float | None = None,
    ) -> None:
        """`ended` by Enter, by Tab, or by "" for a pause; `began`: the moment that its first key names."""
        at = time.time() if began is None else began
        for number, stroke in enumerate(strokes(text, layout, caps=caps)):
            self._press(stroke, at + number * self.gap)
        if ended:
            self._press(Stroke(ended, ended, shift=False), at + len(text) * self.gap)

    def shifted(self, digits: str, layout: str) -> None:
        """One that was told of the layout: it holds Shift where digits need it."""
        at, row = time.time(), ROWS[layout.upper()][0]
        for number, digit in enumerate(digits):
            self._press(Stroke(CODES[0][row.index(digit)], digit, shift=True), at + number * self.gap)
        self._press(Stroke("Enter", "Enter", shift=False), at + len(digits) * self.gap)

    def nameless(self, text: str) -> None:
        """As some phones hand on a Bluetooth scanner: no place of a key, only what it wrote."""
        at = time.time()
        for number, character in enumerate(text):
            self._press(Stroke("", character, shift=False), at + number * self.gap)
        self._press(Stroke("Enter", "Enter", shift=False), at + len(text) * self.gap)

    def _press(self, stroke: Stroke, at: float) -> None:
        if stroke.shift:
            self._send("keyDown", Stroke("ShiftLeft", "Shift", shift=True), at)
        self._send("keyDown", stroke, at)
        self._send("keyUp", stroke, at + self.gap / 4)
        if stroke.shift:
            self._send("keyUp", Stroke("ShiftLeft", "Shift", shift=False), at + self.gap / 4)

    def _send(self, kind: str, stroke: Stroke, at: float) -> None:
        written = {"Enter": "\r"}.get(stroke.key, stroke.key if len(stroke.key) == 1 else "")
        event: dict[str, object] = {
            "type": kind,
            "code": stroke.code,
            "key": stroke.key,
            "modifiers": SHIFT if stroke.shift else 0,
        } | ({} if self.honest else {"timestamp": at})
        if kind == "keyDown" and written:
            event["text"] = written
        self._line.send("Input.dispatchKeyEvent", event)


def _stroke(character: str, layout: str, *, caps: bool) -> Stroke:
    row, place, shift = _position(character)
    big = shift != (caps and ROWS[layout][row][place].isalpha())
    written = ROWS[layout.upper() if big else layout][row][place]
    return Stroke(CODES[row][place], "Dead" if written in DEAD else written, shift)


def _position(character: str) -> tuple[int, int, bool]:
    for name, shift in (("us", False), ("US", True)):
        for row, keys in enumerate(ROWS[name]):
            if character in keys:
                return row, keys.index(character), shift
    raise LookupError(f"{character!r} is on no key")
