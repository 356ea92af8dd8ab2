"""What went wrong, as the English sentence of the log that still knows its case and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

Value = str | int | datetime | Sequence[str]
"""A text may be a Detail too: the reason of a reason."""


class Detail(str):
    """A page says `case` with its values in the language of its reader; everybody else reads the sentence."""

    case: str
    values: Mapping[str, Value]

    def __new__(cls, sentence: str, case: str, /, **values: Value) -> Self:
        self = super().__new__(cls, sentence)
        self.case, self.values = case, values
        return self


def facts_of(sentence: str) -> dict[str, Any] | None:
    """As JSON; None for a sentence that knows no more than its words."""
    if not isinstance(sentence, Detail):
        return None
    return {"case": sentence.case, "values": {name: _kept(one) for name, one in sentence.values.items()}}


def with_facts(sentence: str, facts: Mapping[str, Any] | None) -> str:
    """The way back."""
    if not facts:
        return sentence
    values = {name: _read(one) for name, one in facts["values"].items()}
    return Detail(sentence, facts["case"], **values)


def _kept(value: Value) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, Detail):
        return {"said": str(value), "facts": facts_of(value)}
    return value if isinstance(value, str | int) else list(value)


def _read(value: Any) -> Value:
    if not isinstance(value, dict):
        return value if isinstance(value, str | int) else tuple(value)
    if "at" in value:
        return datetime.fromisoformat(value["at"])
    return with_facts(value["said"], value["facts"])
