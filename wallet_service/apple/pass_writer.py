"""One card's texts written into the gaps of a template that is JSON already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape as escaped_markup
from json.encoder import encode_basestring
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from wallet_service.apple import pass_strings
from wallet_service.apple.pass_dates import w3c
from wallet_service.apple.placeholders import (
    HISTORY_DATE,
    HISTORY_TEXT,
    LINES,
    NUMBERS,
    SINGLE,
    TEXTS,
    Pattern,
    in_language,
    shown,
    shown_lines,
)
from wallet_service.domain.face import CardFace, HistoryLine

UNSEEN = "\u200b"  # takes no room; keeps apart two equal values whose translations differ
FULL_WIDTH_PERCENT = "\uff05"
EMPTY = '""'

Texts = tuple[str, ...]
"""The same text for each language folder of the pass; the first is the default language."""


class Spoken(NamedTuple):
    """A text ready to be written: as a JSON value, and as a line in the strings of each folder."""

    texts: Texts
    json: str
    lines: Texts


@lru_cache(maxsize=8192)
def spoken(texts: Texts) -> Spoken:
    """The same few sentences come by for card after card."""
    key, *others = texts
    lines = (pass_strings.entry(key, text) if text != key else "" for text in others)
    return Spoken(texts, encode_basestring(key), (pass_strings.entry(key, key), *lines))


class Filling:
    """One card on its way into a template; remembers what it said and so must be translated."""

    def __init__(
        self, face: CardFace, identity: object, languages: Texts, reserved: Mapping[str, Texts]
    ) -> None:
        self.face = face
        self.identity = identity
        self.said: dict[str, Spoken] = {}
        self._languages = languages
        self._reserved = reserved
        self._texts: dict[str, Texts] = {}
        self._zone = ZoneInfo(face.time_zone)
        self.place = 0

    def texts(self, name: str) -> Texts:
        """What a placeholder says on this card, in each language."""
        return self._texts.get(name) or self._looked_up(name)

    def _looked_up(self, name: str) -> Texts:
        if name in TEXTS:
            default = self.face.languages[0]
            texts = TEXTS[name](self.face)
            plain = shown_lines if name in LINES else shown
            found = tuple([plain(in_language(texts, language, default)) for language in self._languages])
        else:
            found = (self._single(name),) * len(self._languages)
        self._texts[name] = found
        return found

    def _single(self, name: str) -> str:
        if name in NUMBERS:
            return str(NUMBERS[name](self.face))
        return SINGLE[name](self.face) if name in SINGLE else ""  # history, outside of a repeated field

    def turn_to(self, place: int, line: HistoryLine) -> None:
        self.place = place
        default = self.face.languages[0]
        texts = [shown(in_language(line.text, language, default)) for language in self._languages]
        self._texts[HISTORY_TEXT] = tuple(texts)
        self._texts[HISTORY_DATE] = (w3c(line.occurred_at, self._zone),) * len(texts)

    def say(self, texts: Texts) -> str:
        """The default language's text, which is the key of the others (L3); one key, one meaning."""
        value, ready = texts[0], spoken(texts)
        known = self.said.get(value)
        meaning = known.texts if known else self._reserved.get(value)
        if meaning is None:
            self.said[value] = ready
        elif meaning != texts:
            return self.say((value + UNSEEN, *texts[1:]))
        return ready.json


class Node(Protocol):
    """A gap in the JSON text."""

    def write(self, filling: Filling) -> str: ...


@dataclass(frozen=True)
class Word:
    """A text that is one placeholder and nothing else."""

    name: str

    def write(self, filling: Filling) -> str:
        return filling.say(filling.texts(self.name))


@dataclass(frozen=True)
class Sentence:
    """A text around placeholders that each language says its own way: a pattern for each folder."""

    patterns: tuple[Pattern, ...]
    key: str = ""

    def write(self, filling: Filling) -> str:
        return filling.say(tuple(self._said(filling, place) for place in range(len(self.patterns))))

    def _said(self, filling: Filling, place: int) -> str:
        pattern = list(self.patterns[place])
        pattern[1::2] = [self._guarded(filling.texts(name)[place]) for name in pattern[1::2]]
        return "".join(pattern)

    def _guarded(self, word: str) -> str:
        if self.key == "attributedValue":
            return escaped_markup(word)  # P12: no markup but the template's own
        return word.replace("%", FULL_WIDTH_PERCENT) if self.key == "changeMessage" else word  # P13: one %@


@dataclass(frozen=True)
class Plain:
    """A string that phones do not look up, such as a barcode's message."""

    pattern: Pattern

    def text(self, filling: Filling) -> str:
        pattern = list(self.pattern)
        pattern[1::2] = [filling.texts(name)[0] for name in pattern[1::2]]
        return "".join(pattern)

    def write(self, filling: Filling) -> str:
        return encode_basestring(self.text(filling))


@dataclass(frozen=True)
class Single:
    """The same for a string that is one placeholder and nothing else."""

    name: str

    def write(self, filling: Filling) -> str:
        return encode_basestring(filling.texts(self.name)[0])


@dataclass(frozen=True)
class Number:
    """L5, P8: a lone `{{value}}` is a JSON number that the phone writes in its own way."""

    name: str

    def write(self, filling: Filling) -> str:
        return str(NUMBERS[self.name](filling.face))


@dataclass(frozen=True)
class Own:
    """What the pass says of itself, by its name in the Identity."""

    name: str

    def write(self, filling: Filling) -> str:
        return encode_basestring(getattr(filling.identity, self.name))


@dataclass(frozen=True)
class Numbered:
    """The key of a field that comes more than once (P10)."""

    key: str

    def write(self, filling: Filling) -> str:
        return encode_basestring(f"{self.key}-{filling.place}")


class Program:
    """The slug of the program, for whoever reads a pass that a member sent in (P25)."""

    def write(self, filling: Filling) -> str:
        return encode_basestring(filling.face.program)


class Voided:
    """P20: a whole member with its comma, because it is there or not; `webServiceURL` always follows."""

    def write(self, filling: Filling) -> str:
        return '"voided":true,' if filling.face.voided else ""


class Expiration:
    """P20, in the same way; `formatVersion` always follows."""

    def write(self, filling: Filling) -> str:
        expires_at = filling.face.expires_at
        return f'"expirationDate":"{w3c(expires_at)}",' if expires_at else ""


@dataclass(frozen=True)
class Stretch:
    """JSON text with gaps: `before` stands in front of each gap, `end` behind the last."""

    gaps: tuple[tuple[str, Node], ...]
    end: str

    def write(self, filling: Filling) -> str:
        parts: list[str] = []
        for before, node in self.gaps:
            parts += (before, node.write(filling))
        parts.append(self.end)
        return "".join(parts)


@dataclass(frozen=True)
class Field:
    """`value` is there when some cards have none, `repeated` when it tells the history."""

    stretch: Stretch
    value: Node | None
    repeated: bool

    def written(self, filling: Filling) -> Iterator[str]:
        """Not at all when the value is empty; once for each line of the history."""
        if self.repeated:
            for place, line in enumerate(filling.face.history, 1):
                filling.turn_to(place, line)
                yield self.stretch.write(filling)
        elif self.value is None or self.value.write(filling) != EMPTY:
            yield self.stretch.write(filling)


@dataclass(frozen=True)
class FieldList:
    fields: tuple[Field, ...]

    def write(self, filling: Filling) -> str:
        return "[" + ",".join([text for field in self.fields for text in field.written(filling)]) + "]"
