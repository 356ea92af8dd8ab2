"""Reads `xx.lproj/pass.strings`; a file with one bad line is no file at all."""

import re

ENTRY = re.compile(
    r'\s*(?:/\*.*?\*/\s*|//[^\n]*\n?\s*)*(?:"((?:[^"\\]|\\.)*)"\s*=\s*"((?:[^"\\]|\\.)*)"\s*;|\Z)', re.DOTALL
)
ESCAPE = re.compile(r"\\(?:[uU]([0-9a-fA-F]{4})|(.))", re.DOTALL)
PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


class BadStrings(Exception):
    """The file cannot be read; the language it belongs to vanishes (L2)."""


def parse_strings(data: bytes) -> dict[str, str]:
    """The pairs of the file, unescaped (L1)."""
    text = _decode(data)
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        entry = ENTRY.match(text, place)
        if entry is None:
            raise BadStrings(f'line {text.count(chr(10), 0, place) + 1} is not "key" = "value";')
        if entry.group(1) is not None:
            found[_unescape(entry.group(1))] = _unescape(entry.group(2))
        place = entry.end()
    return found


def _decode(data: bytes) -> str:
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadStrings("it is neither UTF-8 nor UTF-16 with a byte order mark") from error


def _unescape(text: str) -> str:
    plain = ESCAPE.sub(_plain, text)
    try:
        return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise BadStrings("an escape is half a surrogate pair") from error


def _plain(escape: re.Match[str]) -> str:
    code, letter = escape.groups()
    if code:
        return chr(int(code, 16))
    if letter not in PLAIN:
        raise BadStrings(f"the escape \\{letter} is unknown")
    return PLAIN[letter]
