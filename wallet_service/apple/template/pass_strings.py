"""`xx.lproj/pass.strings`: the texts of a pass in one more language, written and read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

FILE = "pass.strings"
BACKSLASH, QUOTE = "\\", '"'
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}  # L2; % has no meaning in here
PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
TO_ESCAPE = re.compile(r'[\\"\n\r\t\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]')
GAP = re.compile(r"(?:\s|/\*.*?\*/|//[^\n]*)*", re.DOTALL)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
EQUALS = re.compile(r"\s*=\s*")
SEMICOLON = re.compile(r"\s*;")
ESCAPE = re.compile(r"\\(?:[uU]([0-9A-Fa-f]{4})|([0-7]{3})|(.))", re.DOTALL)


class BadStrings(Exception):
    """One bad line makes a whole language vanish from the phone (L2); `line` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"Line {line}: {problem}")
        self.line, self.problem = line, problem


def encode(text: str) -> bytes:
    """L1: UTF-8 without a mark, the form of most passes in the field; half of UTF-16's work and size."""
    return text.encode()


def written(pairs: Mapping[str, str]) -> str:
    return "".join(entry(key, value) for key, value in pairs.items())


@lru_cache(maxsize=8192)
def entry(key: str, value: str) -> str:
    """One line of the file; the same few sentences come by again and again."""
    return f'"{escaped(key)}" = "{escaped(value)}";\n'


def escaped(text: str) -> str:
    return TO_ESCAPE.sub(_escape, text) if TO_ESCAPE.search(text) else text


def _escape(found: re.Match[str]) -> str:
    """A control or half a surrogate pair is no text and would spoil the file: it is left out (S28)."""
    return ESCAPES.get(found[0], "")


def parse(data: bytes) -> dict[str, str]:
    """The pairs of the file, in either encoding (L1); BadStrings for a bad line or a key that comes twice."""
    text = _decoded(data)
    pairs: dict[str, str] = {}
    place = _after(GAP, text, 0)
    while place < len(text):
        start = place
        key, place = _string(text, start)
        value, place = _string(text, _need(EQUALS, text, place))
        place = _after(GAP, text, _need(SEMICOLON, text, place))
        if key in pairs:
            raise _bad(text, start, f"The key {key!r} comes twice.")
        pairs[key] = value
    return pairs


def _decoded(data: bytes) -> str:
    utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadStrings(1, "The file is neither UTF-8 nor UTF-16 with a byte order mark.") from None


def _after(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place


def _need(pattern: re.Pattern[str], text: str, place: int) -> int:
    end = _after(pattern, text, place)
    if end == place:
        raise _bad(text, place)
    return end


def _string(text: str, place: int) -> tuple[str, int]:
    found = STRING.match(text, place)
    if found is None:
        raise _bad(text, place)
    try:
        return _whole(ESCAPE.sub(_unescaped, found[1])), found.end()
    except ValueError as unknown:
        raise _bad(text, place, str(unknown)) from None


def _unescaped(found: re.Match[str]) -> str:
    code, octal, letter = found.groups()
    if code or octal:
        return chr(int(code, 16) if code else int(octal, 8))
    if letter not in PLAIN:
        raise ValueError(f"The escape \\{letter} is unknown.")
    return PLAIN[letter]


def _whole(text: str) -> str:
    """Two \\U escapes may be the halves of one character."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _bad(text: str, place: int, problem: str = 'It is not of the form "key" = "value";') -> BadStrings:
    return BadStrings(text.count("\n", 0, place) + 1, problem)
