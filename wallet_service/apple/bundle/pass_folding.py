"""What all cards in the same state have in common, written once; only what is a card's own stays a gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from wallet_service.apple.bundle.pass_texts import Filling
from wallet_service.apple.bundle.pass_writer import Node

EMPTY = '""'


@dataclass(frozen=True)
class Field:
    """`value` is there when some cards have none, `repeated` when it tells the history."""

    pieces: Pieces
    value: Node | None
    repeated: bool

    def is_shown(self, filling: Filling) -> bool:
        return self.value is None or self.value.write(filling) != EMPTY


@dataclass(frozen=True)
class FieldList:
    fields: tuple[Field, ...]


Pieces = tuple[str | Node | FieldList, ...]
"""JSON text, cut where something is filled in."""


@dataclass(frozen=True)
class Stretch:
    """JSON text with gaps: `gaps` tell the text before each, `end` stands behind the last."""

    gaps: tuple[tuple[str, Node], ...]
    end: str

    def write(self, filling: Filling) -> str:
        parts = [part for before, node in self.gaps for part in (before, node.write(filling))]
        return "".join(parts) + self.end


@dataclass(frozen=True)
class History:
    """Fields that come once for each line; with the commas to the fields that surely stand around them."""

    fields: tuple[Stretch, ...]
    before: str
    behind: str
    of_state: ClassVar[bool] = False

    def write(self, filling: Filling) -> str:
        written = []
        for field in self.fields:
            for place, line in enumerate(filling.face.history, 1):
                filling.turn_to(place, line)
                written.append(field.write(filling))
        return self.before + ",".join(written) + self.behind if written else ""


def folded(pieces: Pieces, filling: Filling) -> Stretch:
    return _stretch(_folded(pieces, filling))


def _folded(pieces: Pieces, filling: Filling) -> Iterator[str | Node]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, FieldList):
            yield from _fields(piece, filling)
        else:
            yield piece.write(filling) if piece.of_state else piece


def _fields(listed: FieldList, filling: Filling) -> Iterator[str | Node]:
    """A field whose value comes out empty is left out."""
    sure = [field for field in listed.fields if not field.repeated and field.is_shown(filling)]
    told = [field for field in listed.fields if field.repeated]
    yield "["
    if not sure and told:
        yield History(tuple(folded(field.pieces, filling) for field in told), "", "")
    for field in listed.fields if sure else ():
        if field.repeated:
            behind_all = listed.fields.index(field) > listed.fields.index(sure[0])
            commas = (",", "") if behind_all else ("", ",")
            yield History((folded(field.pieces, filling),), *commas)
        elif field in sure:
            yield "" if field is sure[0] else ","
            yield from _folded(field.pieces, filling)
    yield "]"


def _stretch(pieces: Iterable[str | Node]) -> Stretch:
    gaps: list[tuple[str, Node]] = []
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        else:
            gaps.append((text, piece))
            text = ""
    return Stretch(tuple(gaps), text)
