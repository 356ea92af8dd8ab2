"""A template's body becomes JSON text, cut where a card fills something in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from wallet_service.apple.bundle.barcode_list import BarcodeList
from wallet_service.apple.bundle.pass_folding import Field, FieldList, Pieces
from wallet_service.apple.bundle.pass_writer import (
    Expiration,
    Node,
    Number,
    Numbered,
    Own,
    Plain,
    Program,
    Sentence,
    Single,
    Voided,
    Word,
)
from wallet_service.apple.template import pass_strings
from wallet_service.apple.template.pass_body import SECTIONS, Body
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.apple.template.placeholders import (
    HISTORY,
    HISTORY_DATE,
    NUMBERS,
    names_in,
    only_name,
    parse,
)

# L3: the phone looks these up in pass.strings.
LOCALISED = frozenset(
    (
        *("label", "value", "attributedValue", "changeMessage", "description", "organizationName"),
        *("logoText", "altText", "relevantText"),
    )
)
NOT_ALWAYS = ("tier_name", "tier", "ready", "expiring")  # a card may lack them
NOT_SHOWN = ("userInfo", "semantics")
FORMAT_VERSION = 1


class Column(NamedTuple):
    """One `xx.lproj`: the language of its card texts, and the template's own translations."""

    folder: str
    language: str
    table: Mapping[str, str]

    @property
    def file(self) -> str:
        return f"{self.folder}.lproj/{pass_strings.FILE}"


def is_literal(text: str) -> bool:
    return len(parse(text)) == 1


def with_identity(template: PassTemplate) -> Body:
    """What is ours on every pass, whoever drew it."""
    ours: Body = {
        "formatVersion": FORMAT_VERSION,  # P1
        "passTypeIdentifier": Own("pass_type"),
        "teamIdentifier": Own("team"),
        "serialNumber": Plain(parse("{{serial}}")),  # P3
        "authenticationToken": Own("authentication_token"),  # P4
        "webServiceURL": Own("web_service_url"),  # P5: both or neither
        "voided": Voided(),
        "expirationDate": Expiration(),
    }
    info = template.body.get("userInfo", {})
    if isinstance(info, dict):  # P25, P27: somebody's other JSON stays theirs
        info = info | {"program": Program(), "template": template.name, "version": template.version}
    return template.body | ours | {"userInfo": info}


@dataclass
class Compiler:
    """Writes a body down as JSON text, cut where a card fills something in; collects the literals that
    phones look up.
    """

    columns: tuple[Column, ...]
    literals: set[str]

    def whole(self, body: Body) -> Pieces:
        return tuple(self._pieces(body, "", looked_up=True))

    def _pieces(self, value: Any, name: str, *, looked_up: bool) -> Iterator[str | Node | FieldList]:
        if isinstance(value, dict):
            yield from self._members(value, looked_up=looked_up)
        elif isinstance(value, list) and name in SECTIONS and looked_up:
            yield FieldList(tuple(self._field(one) for one in value))
        elif isinstance(value, list) and name == "barcodes" and looked_up:
            yield from self._barcodes(value)
        elif isinstance(value, list):
            yield from self._items(value, name, looked_up=looked_up)
        elif isinstance(value, str):
            yield self._string(value, name if looked_up else "")
        else:
            yield value if hasattr(value, "write") else json.dumps(value, allow_nan=False)

    def _members(self, value: Body, *, looked_up: bool) -> Iterator[str | Node | FieldList]:
        """B15: sorted."""
        yield "{"
        for place, (name, inner) in enumerate(sorted(value.items())):
            before = "," if place and not _is_optional(value, place) else ""
            if isinstance(inner, Voided | Expiration):
                yield before
                yield inner
                continue
            yield before + json.dumps(name, ensure_ascii=False) + ":"
            yield from self._pieces(inner, name, looked_up=looked_up and name not in NOT_SHOWN)
        yield "}"

    def _items(self, value: list[Any], name: str, *, looked_up: bool) -> Iterator[str | Node | FieldList]:
        yield "["
        for place, inner in enumerate(value):
            yield "," if place else ""
            yield from self._pieces(inner, name, looked_up=looked_up)
        yield "]"

    def _field(self, given: Body) -> Field:
        repeated = _tells_history(given)
        if repeated:
            given = given | {"key": Numbered(str(given.get("key", "history")))}
        value = given.get("value")
        pieces = tuple(self._members(given, looked_up=True))
        only = only_name(parse(value)) if isinstance(value, str) else None
        return Field(pieces, Word(only) if only and only in NOT_ALWAYS else None, repeated)

    def _barcodes(self, codes: list[Body]) -> Iterator[str | Node | FieldList]:
        listed = BarcodeList(tuple(codes))
        if listed.always_drawable:
            yield from self._items(codes, "", looked_up=True)
        else:
            yield listed

    def _string(self, text: str, name: str) -> str | Node:
        pattern = parse(text)
        only = only_name(pattern)
        if only and only in NUMBERS:
            return Number(only)
        if len(pattern) == 1:
            self.literals.update({text} if name in LOCALISED else ())
            return json.dumps(text, ensure_ascii=False)
        if name not in LOCALISED or only == HISTORY_DATE:
            return Single(only) if only else Plain(pattern)
        patterns = tuple(parse(column.table.get(text, text)) for column in self.columns)
        plain_word = only and set(patterns) == {pattern} and name not in ("attributedValue", "changeMessage")
        return Word(str(only)) if plain_word else Sentence(patterns, name)


def _is_optional(members: Body, place: int) -> bool:
    """Behind an optional member, which brings its own comma."""
    return isinstance(members[sorted(members)[place - 1]], Voided | Expiration)


def _tells_history(field: Body) -> bool:
    texts = (text for text in field.values() if isinstance(text, str))
    return any(name in HISTORY for text in texts for name in names_in(parse(text)))
