"""A template worked out for one set of languages: what stays as it is, and what every card fills in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape as escaped_markup
from typing import Any, NamedTuple, Protocol

from wallet_service.apple import pass_strings
from wallet_service.apple.pass_body import SECTIONS, Body
from wallet_service.apple.pass_dates import w3c
from wallet_service.apple.pass_template import PassTemplate
from wallet_service.apple.placeholders import (
    HISTORY,
    HISTORY_DATE,
    HISTORY_TEXT,
    NUMBERS,
    Pattern,
    Vocabulary,
    filled,
    in_language,
    names_in,
    only_name,
    parse,
    shown,
    vocabulary,
)
from wallet_service.domain.face import CardFace, HistoryLine

# L3: the phone looks these up in pass.strings.
LOCALISED = frozenset(
    (
        *("label", "value", "attributedValue", "changeMessage", "description", "organizationName"),
        *("logoText", "altText", "relevantText"),
    )
)
NOT_SHOWN = ("userInfo", "semantics")
UNSEEN = "\u200b"  # takes no room; keeps apart two equal values whose translations differ
FULL_WIDTH_PERCENT = "\uff05"


class Column(NamedTuple):
    """One `xx.lproj`: the language of its card texts, and the template's own translations."""

    folder: str
    language: str
    table: Mapping[str, str]


class Filling:
    """One card's texts on their way into the plan; remembers what needs a translation."""

    def __init__(self, plan: Plan, face: CardFace) -> None:
        self.face = face
        self.columns = plan.columns
        self.words = plan.vocabulary.words(face, plan.languages)
        self.said: dict[str, tuple[str, ...]] = {}
        self._reserved = plan.reserved

    def say(self, texts: tuple[str, ...]) -> str:
        """The default language's text, which is the key of the others (L3); one key, one meaning."""
        value = texts[0]
        known = self.said.get(value) or self._reserved.get(value)
        if known is None:
            self.said[value] = texts
        elif known != texts:
            return self.say((value + UNSEEN, *texts[1:]))
        return value

    def turn_to(self, line: HistoryLine) -> None:
        default = self.face.languages[0]
        moment = w3c(line.occurred_at, self.face.time_zone)
        for column, said in zip(self.columns, self.words, strict=True):
            said[HISTORY_TEXT] = shown(in_language(line.text, column.language, default))
            said[HISTORY_DATE] = moment


class Node(Protocol):
    def fill(self, filling: Filling) -> Any: ...


@dataclass(frozen=True)
class Text:
    """A text that each language says its own way; `patterns` go with the columns."""

    patterns: tuple[Pattern, ...]

    def fill(self, filling: Filling) -> str:
        texts = map(filled, self.patterns, filling.words)
        return filling.say(tuple(texts))


@dataclass(frozen=True)
class GuardedText:
    """The same, where a card's word could be taken for markup or for the mark of a change message."""

    patterns: tuple[Pattern, ...]
    markup: bool

    def fill(self, filling: Filling) -> str:
        texts = zip(self.patterns, filling.words, strict=True)
        return filling.say(tuple(filled(pattern, self._guarded(pattern, said)) for pattern, said in texts))

    def _guarded(self, pattern: Pattern, said: dict[str, str]) -> dict[str, str]:
        return {name: self._guard(said[name]) for name in names_in(pattern)}

    def _guard(self, word: str) -> str:
        """P12: only our own <a>. P13: only one %@."""
        return escaped_markup(word) if self.markup else word.replace("%", FULL_WIDTH_PERCENT)


@dataclass(frozen=True)
class Plain:
    """A string that phones do not look up, such as a barcode's message."""

    pattern: Pattern

    def fill(self, filling: Filling) -> str:
        return filled(self.pattern, filling.words[0])


@dataclass(frozen=True)
class Number:
    """L5, P8: a lone `{{value}}` is a JSON number that the phone writes in its own way."""

    name: str

    def fill(self, filling: Filling) -> int:
        return NUMBERS[self.name](filling.face)


@dataclass(frozen=True)
class Members:
    fixed: Body
    moving: tuple[tuple[str, Node], ...]

    def fill(self, filling: Filling) -> Body:
        whole = self.fixed.copy()
        for name, node in self.moving:
            whole[name] = node.fill(filling)
        return whole


@dataclass(frozen=True)
class Items:
    items: tuple[Node, ...]

    def fill(self, filling: Filling) -> list[Any]:
        return [item.fill(filling) for item in self.items]


@dataclass(frozen=True)
class Fixed:
    value: Any

    def fill(self, _: Filling) -> Any:
        return self.value


@dataclass(frozen=True)
class FieldList:
    """A field whose value comes out empty is left out; one that tells history comes once for each line."""

    fields: tuple[tuple[Node, bool], ...]

    def fill(self, filling: Filling) -> list[Body]:
        found: list[Body] = []
        for field, repeated in self.fields:
            found += _repeated(field, filling) if repeated else (field.fill(filling),)
        return [field for field in found if field.get("value") != ""]


def _repeated(field: Node, filling: Filling) -> Iterator[Body]:
    for place, line in enumerate(filling.face.history, 1):
        filling.turn_to(line)
        whole = field.fill(filling)
        whole["key"] = f"{whole.get('key', 'history')}-{place}"  # P10
        yield whole


@dataclass(frozen=True, eq=False)
class Plan:
    """`columns[0]` is the default language. `heads` are the template's own strings, a text for each column.
    `reserved` says what the literals of the template mean in each column.
    """

    columns: tuple[Column, ...]
    heads: tuple[str, ...]
    languages: tuple[str, ...]
    vocabulary: Vocabulary
    reserved: Mapping[str, tuple[str, ...]]
    body: Node

    def filled(self, face: CardFace) -> tuple[Body, dict[str, bytes]]:
        filling = Filling(self, face)
        body = self.body.fill(filling)
        return body, dict(self._strings(filling.said))

    def _strings(self, said: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, bytes]]:
        for place, (column, head) in enumerate(zip(self.columns, self.heads, strict=True)):
            # The default folder must be there, or a phone in that language could settle for another.
            same = not place and not head
            lines = [pass_strings.entry(key, t[place]) for key, t in said.items() if same or t[place] != key]
            text = head + "".join(lines) if place or same else head
            yield f"{column.folder}.lproj/{pass_strings.FILE}", pass_strings.encode(text)


@lru_cache(maxsize=64)
def plan(template: PassTemplate, languages: tuple[str, ...]) -> Plan:
    columns = tuple(_columns(template, languages))
    literals: set[str] = set()
    names: set[str] = set()
    body = _Compiler(columns, literals, names).node(template.body, "")
    literals |= {key for column in columns for key in column.table if len(parse(key)) == 1}
    return Plan(
        columns=columns,
        heads=tuple(_head(column) for column in columns),
        languages=tuple(column.language for column in columns),
        vocabulary=vocabulary(names),
        reserved={text: tuple(column.table.get(text, text) for column in columns) for text in literals},
        body=body,
    )


def _columns(template: PassTemplate, languages: tuple[str, ...]) -> Iterator[Column]:
    """L4: the program's languages, then whatever other folders the template has."""
    wanted = [language.replace("_", "-") for language in languages]
    folders = [*wanted, *(language for language in template.strings if language not in wanted)]
    for folder in folders:
        yield Column(folder, _language(folder, languages), template.strings.get(folder, {}))


def _language(folder: str, languages: tuple[str, ...]) -> str:
    """`pt-BR` takes the program's `pt` where it has nothing closer."""
    close = (folder, folder.replace("-", "_"), folder.split("-")[0])
    return next((name for name in close if name in languages), languages[0])


def _head(column: Column) -> str:
    return pass_strings.written({key: text for key, text in column.table.items() if len(parse(key)) == 1})


@dataclass
class _Compiler:
    """Collects the literals that phones look up and the names that cards must bring."""

    columns: tuple[Column, ...]
    literals: set[str]
    names: set[str]
    localised: frozenset[str] = LOCALISED

    def node(self, value: Any, name: str) -> Node:
        if name in NOT_SHOWN and self.localised:
            return _Compiler(self.columns, self.literals, self.names, frozenset()).node(value, name)
        if isinstance(value, dict):
            return self._members(value)
        if isinstance(value, list):
            return self._fields(value) if name in SECTIONS else self._items(value, name)
        return self._string(value, name) if isinstance(value, str) else Fixed(value)

    def _members(self, value: Body) -> Node:
        nodes = {name: self.node(inner, name) for name, inner in sorted(value.items())}
        fixed = {name: node.value for name, node in nodes.items() if isinstance(node, Fixed)}
        moving = tuple((name, node) for name, node in nodes.items() if not isinstance(node, Fixed))
        return Members(fixed, moving) if moving else Fixed(fixed)

    def _fields(self, fields: list[Body]) -> FieldList:
        return FieldList(tuple((self._members(field), _tells_history(field)) for field in fields))

    def _items(self, value: list[Any], name: str) -> Node:
        nodes = tuple(self.node(inner, name) for inner in value)
        fixed = [node.value for node in nodes if isinstance(node, Fixed)]
        return Fixed(fixed) if len(fixed) == len(nodes) else Items(nodes)

    def _string(self, text: str, name: str) -> Node:
        pattern = parse(text)
        only = only_name(pattern)
        if only in NUMBERS:
            return Number(str(only))
        self.names.update(names_in(pattern))
        if len(pattern) == 1:
            self.literals.update({text} if name in self.localised else ())
            return Fixed(text)
        if name not in self.localised or only == HISTORY_DATE:
            return Plain(pattern)
        return self._text(text, name)

    def _text(self, text: str, name: str) -> Node:
        patterns = tuple(parse(column.table.get(text, text)) for column in self.columns)
        self.names.update(used for pattern in patterns for used in names_in(pattern))
        if name in ("attributedValue", "changeMessage"):
            return GuardedText(patterns, markup=name == "attributedValue")
        return Text(patterns)


def _tells_history(field: Body) -> bool:
    texts = (text for text in field.values() if isinstance(text, str))
    return any(name in HISTORY for text in texts for name in names_in(parse(text)))
