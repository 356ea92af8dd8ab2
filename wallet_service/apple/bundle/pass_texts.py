"""One card's texts on their way into its pass, each with its translations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from json.encoder import encode_basestring
from zoneinfo import ZoneInfo

from wallet_service.apple.template.pass_dates import w3c
from wallet_service.apple.template.placeholders import (
    HISTORY_DATE,
    HISTORY_TEXT,
    LINES,
    NUMBERS,
    SINGLE,
    TEXTS,
    in_language,
    shown,
    shown_lines,
)
from wallet_service.domain.face import CardFace, HistoryLine

UNSEEN = "\u200b"  # takes no room; keeps apart two equal values whose translations differ

Texts = tuple[str, ...]
"""The same text for each language folder of the pass; the first is the default language."""


class Filling:
    """One card on its way into a template. `known` is what its pass says anyway, with its translations;
    `said` is what the card adds.
    """

    def __init__(
        self, face: CardFace, identity: object, languages: Texts, known: Mapping[str, Texts]
    ) -> None:
        self.face = face
        self.identity = identity
        self.said: dict[str, Texts] = {}
        self._languages = languages
        self._known = known
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
            found = (SINGLE[name](self.face) if name in SINGLE else self._other(name),) * len(self._languages)
        self._texts[name] = found
        return found

    def _other(self, name: str) -> str:
        """Nothing for a history, outside of a repeated field."""
        return str(NUMBERS[name](self.face)) if name in NUMBERS else ""

    def turn_to(self, place: int, line: HistoryLine) -> None:
        self.place = place
        told = _told(tuple(line.text.items()), self.face.languages[0], self._languages)
        self._texts[HISTORY_TEXT] = told
        self._texts[HISTORY_DATE] = (w3c(line.occurred_at, self._zone),) * len(told)

    def say(self, texts: Texts) -> str:
        """The default language's text, which is the key of the others (L3); one key, one meaning."""
        value = texts[0]
        meaning = self._known.get(value) or self.said.get(value)
        if meaning is None:
            self.said[value] = texts
        elif meaning != texts:
            return self.say((value + UNSEEN, *texts[1:]))
        return encode_basestring(value)


@lru_cache(maxsize=8192)
def _told(texts: tuple[tuple[str, str], ...], default: str, languages: Texts) -> Texts:
    """The same few lines come by for card after card."""
    return tuple(shown(in_language(dict(texts), language, default)) for language in languages)
