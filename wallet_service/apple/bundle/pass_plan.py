"""A template worked out for one set of languages: JSON text with gaps, and strings with room at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from wallet_service.apple.bundle.pass_compiler import Column, Compiler, is_literal, with_identity
from wallet_service.apple.bundle.pass_folding import Pieces, Stretch, folded
from wallet_service.apple.bundle.pass_texts import Filling, Texts
from wallet_service.apple.template import pass_strings
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.domain.face import CardFace

MOST_STATES = 2048  # about 10 KB each


class State(NamedTuple):
    """A plan with everything filled in that does not belong to one card alone."""

    stretch: Stretch
    known: Mapping[str, Texts]
    strings: tuple[bytes, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """`files` and `heads` (the template's own strings) and `languages` go by folder, the default first.
    `reserved` says what the literals of the template mean in each folder.
    """

    body: Pieces
    files: tuple[str, ...]
    heads: tuple[str, ...]
    languages: tuple[str, ...]
    reserved: Mapping[str, Texts]
    states: dict[tuple[object, ...], State] = field(default_factory=dict)

    def filled(self, face: CardFace, identity: object) -> tuple[bytes, dict[str, bytes]]:
        key = _state_key(face)
        state = self.states.get(key) or self._keep(key, face)
        filling = Filling(face, identity, self.languages, state.known)
        text = state.stretch.write(filling)
        return text.encode(), self._strings(state.strings, filling.said)

    def _keep(self, key: tuple[object, ...], face: CardFace) -> State:
        """A program has as many states as its bar, times the sentences that tell how it got there."""
        if len(self.states) >= MOST_STATES:
            self.states.clear()
        filling = Filling(face, None, self.languages, self.reserved)
        stretch = folded(self.body, filling)
        heads = tuple(map(pass_strings.encode, self.heads))
        strings = tuple(self._strings(heads, filling.said).values())
        return self.states.setdefault(key, State(stretch, {**self.reserved, **filling.said}, strings))

    def _strings(self, begun: tuple[bytes, ...], said: Mapping[str, Texts]) -> dict[str, bytes]:
        return {
            file: begun[place] + pass_strings.encode(self._lines(said, place))
            for place, file in enumerate(self.files)
        }

    def _lines(self, said: Mapping[str, Texts], place: int) -> str:
        """The default language needs no translation, but its file must not be empty."""
        if place == 0:
            return "" if self.heads[0] else pass_strings.written({key: key for key in said})
        return pass_strings.written({key: texts[place] for key, texts in said.items() if texts[place] != key})


def _state_key(face: CardFace) -> tuple[object, ...]:
    """Whatever a text or a number of a card is made of, except for what is its own."""
    # None keeps apart what might run together when a text lacks a language.
    return (
        face.program,
        face.organization,
        face.progress,
        *face.program_name.items(),
        None,
        *face.news.items(),
        None,
        *face.balance.items(),
        None,
        *face.progress_text.items(),
        None,
        *face.reward.items(),
        None,
        *face.rules.items(),
        None,
        *chain.from_iterable((*(texts or {}).items(), None) for texts in _not_always(face)),
    )


def _not_always(face: CardFace) -> tuple[Mapping[str, str] | None, ...]:
    return face.tier_name, face.tier, face.ready, face.expiring


@lru_cache(maxsize=64)
def plan(template: PassTemplate, languages: tuple[str, ...]) -> Plan:
    columns = tuple(_columns(template, languages))
    compiler = Compiler(columns, {key for column in columns for key in column.table if is_literal(key)})
    body = compiler.whole(with_identity(template))
    return Plan(
        body=body,
        files=tuple(column.file for column in columns),
        heads=tuple(_head(column) for column in columns),
        languages=tuple(column.language for column in columns),
        reserved={
            text: tuple(column.table.get(text, text) for column in columns) for text in compiler.literals
        },
    )


def _columns(template: PassTemplate, languages: tuple[str, ...]) -> Iterator[Column]:
    """L4: the program's languages, then whatever other folders the template has. The default language
    gets a folder even with nothing to translate, or a phone in that language could settle for another.
    """
    wanted = [language.replace("_", "-") for language in languages]
    folders = [*wanted, *(language for language in template.strings if language not in wanted)]
    for folder in folders:
        yield Column(folder, _language(folder, languages), template.strings.get(folder, {}))


def _language(folder: str, languages: tuple[str, ...]) -> str:
    """`pt-BR` takes the program's `pt` where it has nothing closer."""
    close = (folder, folder.replace("-", "_"), folder.split("-")[0])
    return next((name for name in close if name in languages), languages[0])


def _head(column: Column) -> str:
    return pass_strings.written({key: text for key, text in column.table.items() if is_literal(key)})
