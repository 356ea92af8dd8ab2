"""`{{name}}` in a template: a closed list of names, looked up, never evaluated (S27)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter

from wallet_service.domain.face import CardFace
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Texts

MARK = re.compile(r"\{\{(.*?)(?:\}\}|\Z)", re.DOTALL)
LONGEST_LINE = 240  # the longest sentence of ours has about 120 characters
MOST_LINES = 40

Pattern = tuple[str, ...]
"""Literal, name, literal, name, ... literal."""


class UnknownPlaceholder(Exception):
    """Carries the name as it was written."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@lru_cache(maxsize=8192)
def shown(text: str) -> str:
    """S28: plain and bounded; the same few texts come by again and again."""
    return one_line(text, LONGEST_LINE)


@lru_cache(maxsize=1024)
def shown_lines(text: str) -> str:
    return "\n".join(one_line(line, LONGEST_LINE) for line in text.split("\n")[:MOST_LINES]).strip()


TEXTS: Mapping[str, Callable[[CardFace], Texts | None]] = {
    "program_name": lambda face: face.program_name,
    "news": lambda face: face.news,
    "balance": lambda face: face.balance,
    "progress_text": lambda face: face.progress_text,
    "reward": lambda face: face.reward,
    "rules": lambda face: face.rules,
    "tier_name": lambda face: face.tier_name,
    "tier": lambda face: face.tier,
    "ready": lambda face: face.ready,
    "expiring": lambda face: face.expiring,
}
LINES = ("rules",)
"""May have more than one line."""

SINGLE: Mapping[str, Callable[[CardFace], str]] = {
    "organization": lambda face: shown(face.organization),
    "number": attrgetter("number"),
    "number_grouped": attrgetter("number_grouped"),
    "page": attrgetter("page"),
    "serial": attrgetter("serial"),
}
NUMBERS: Mapping[str, Callable[[CardFace], int]] = {
    "value": lambda face: face.progress.value,
    "goal": lambda face: face.progress.goal,
    "to_go": lambda face: face.progress.to_go,
}
HISTORY_TEXT, HISTORY_DATE = "history_text", "history_date"
HISTORY = (HISTORY_TEXT, HISTORY_DATE)
"""A field that names one of these is repeated for each line of the history."""

NAMES = frozenset((*TEXTS, *SINGLE, *NUMBERS, *HISTORY))


@lru_cache(maxsize=2048)
def parse(text: str) -> Pattern:
    """Raises UnknownPlaceholder; a value that is put in later is never parsed again."""
    pattern: list[str] = []
    end = 0
    for mark in MARK.finditer(text):
        if mark[1].strip(" ") not in NAMES or not mark[0].endswith("}}"):
            raise UnknownPlaceholder(mark[1][:80])
        pattern += (text[end : mark.start()], mark[1].strip(" "))
        end = mark.end()
    return (*pattern, text[end:])


def names_in(pattern: Pattern) -> tuple[str, ...]:
    return pattern[1::2]


def only_name(pattern: Pattern) -> str | None:
    """The name, where the whole string is one placeholder."""
    return pattern[1] if len(pattern) == 3 and not pattern[0] and not pattern[2] else None


def in_language(texts: Texts | None, language: str, default: str) -> str:
    if not texts:
        return ""
    return texts.get(language) or texts.get(default) or ""
