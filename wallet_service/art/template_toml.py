"""`template.toml` read into whatever a room wants to know of it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from wallet_service.domain.errors import Invalid

FILE = "template.toml"

M = TypeVar("M", bound=BaseModel)


def read(folder: Path, model: type[M]) -> M:
    """The model's own defaults where there is no such file; Invalid names the key and the remedy."""
    file = folder / FILE
    if not file.is_file():
        return model()
    try:
        return model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise _told(file, error) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} is not TOML ({error}). Mend that line, or take the file away.") from None


def _told(file: Path, error: ValidationError) -> Invalid:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    return Invalid(
        f"{file}: {key} = {_quoted(first['input'])} cannot be used: {_remedy(first)}.",
        file=str(file),
        key=key,
    )


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:80]


def _remedy(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such key; take it away or correct its spelling"
    return str(fault["msg"]).removeprefix("Value error, ").replace("Input should be", "it should be")
