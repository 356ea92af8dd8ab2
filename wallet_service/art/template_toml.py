"""`template.toml` read into whatever a room wants to know of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from wallet_service.domain.errors import Invalid

FILE = "template.toml"

M = TypeVar("M", bound=BaseModel)


class BadKeys(Invalid):
    """Says the first; `faults` has all, by key."""

    def __init__(self, file: Path, faults: Mapping[str, str]) -> None:
        key, sentence = next(iter(faults.items()))
        super().__init__(sentence, file=str(file), key=key)
        self.faults = faults


def read(folder: Path, model: type[M]) -> M:
    """The model's own defaults where there is no such file; Invalid names the key and the remedy."""
    file = folder / FILE
    if not file.is_file():
        return model()
    try:
        return model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise BadKeys(
            file, {_key(fault): f"{file}: {_sentence(fault)}" for fault in error.errors()}
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} is not TOML ({error}). Mend that line, or take the file away.") from None


def _key(fault: ErrorDetails) -> str:
    return ".".join(str(part) for part in fault["loc"])


def _sentence(fault: ErrorDetails) -> str:
    return f"{_key(fault)} = {_quoted(fault['input'])} cannot be used: {_remedy(fault)}."


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:80]


def _remedy(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such key; take it away or correct its spelling"
    return str(fault["msg"]).removeprefix("Value error, ").replace("Input should be", "it should be")
