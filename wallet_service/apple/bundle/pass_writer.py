"""The gaps of a template that is JSON already, and what a card writes into each."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape as escaped_markup
from json.encoder import encode_basestring
from typing import ClassVar, Protocol

from wallet_service.apple.bundle.pass_texts import Filling
from wallet_service.apple.template.pass_dates import w3c
from wallet_service.apple.template.placeholders import NUMBERS, TEXTS, Pattern, names_in

FULL_WIDTH_PERCENT = "\uff05"
OF_STATE = frozenset((*TEXTS, *NUMBERS, "organization"))


class Node(Protocol):
    """A gap in the JSON text. `of_state`: all cards in the same state fill it in the same way."""

    @property
    def of_state(self) -> bool: ...

    def write(self, filling: Filling) -> str: ...


@dataclass(frozen=True)
class Word:
    """A text that is one placeholder and nothing else."""

    name: str

    @property
    def of_state(self) -> bool:
        return self.name in OF_STATE

    def write(self, filling: Filling) -> str:
        return filling.say(filling.texts(self.name))


@dataclass(frozen=True)
class Sentence:
    """A text around placeholders that each language says its own way: a pattern for each folder."""

    patterns: tuple[Pattern, ...]
    key: str = ""

    @property
    def of_state(self) -> bool:
        return OF_STATE.issuperset(name for pattern in self.patterns for name in names_in(pattern))

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

    @property
    def of_state(self) -> bool:
        return OF_STATE.issuperset(names_in(self.pattern))

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

    @property
    def of_state(self) -> bool:
        return self.name in OF_STATE

    def write(self, filling: Filling) -> str:
        return encode_basestring(filling.texts(self.name)[0])


@dataclass(frozen=True)
class Number:
    """L5, P8: a lone `{{value}}` is a JSON number that the phone writes in its own way."""

    name: str
    of_state: ClassVar[bool] = True

    def write(self, filling: Filling) -> str:
        return str(NUMBERS[self.name](filling.face))


@dataclass(frozen=True)
class Own:
    """What the pass says of itself, by its name in the Identity."""

    name: str
    of_state: ClassVar[bool] = False

    def write(self, filling: Filling) -> str:
        return encode_basestring(getattr(filling.identity, self.name))


@dataclass(frozen=True)
class Numbered:
    """The key of a field that comes more than once (P10)."""

    key: str
    of_state: ClassVar[bool] = False

    def write(self, filling: Filling) -> str:
        return encode_basestring(f"{self.key}-{filling.place}")


class Program:
    """The slug of the program, for whoever reads a pass that a member sent in (P25)."""

    of_state: ClassVar[bool] = True

    def write(self, filling: Filling) -> str:
        return encode_basestring(filling.face.program)


class Voided:
    """P20: a whole member with its comma, because it is there or not; `webServiceURL` always follows."""

    of_state: ClassVar[bool] = False

    def write(self, filling: Filling) -> str:
        return '"voided":true,' if filling.face.voided else ""


class Expiration:
    """P20, in the same way; `formatVersion` always follows."""

    of_state: ClassVar[bool] = False

    def write(self, filling: Filling) -> str:
        expires_at = filling.face.expires_at
        return f'"expirationDate":"{w3c(expires_at)}",' if expires_at else ""
