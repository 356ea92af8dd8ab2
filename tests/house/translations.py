"""`make check`: every sentence for people is there in each language, finished, and none is left over."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from tests.house.tree import ROOT, name

LANGUAGES = ("en", "ru")
METHODS = [("**/templates/**", "jinja2"), ("**.py", "python")]
KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None, "lazy_ngettext": (1, 2), "lazy_pgettext": ((1, "c"), 2)}

Said = str | tuple[str, ...]


def main() -> int:
    faults = [fault for folder in _folders() for fault in faults_of(folder)]
    for fault in faults:
        sys.stderr.write(fault + "\n")
    return 1 if faults else 0


def _folders() -> list[Path]:
    return sorted(ROOT.glob("wallet_service/*/translations"))


def faults_of(folder: Path) -> Iterator[str]:
    said = _said_in(folder.parent)
    for language in LANGUAGES:
        path = folder / language / "LC_MESSAGES" / "messages.po"
        if not path.exists():
            yield f"{_named(path)} is missing."
            continue
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
        yield from (f"{_named(path)}: {fault}" for fault in _faults(catalog, said))


def _named(path: Path) -> str:
    return name(path) if path.is_relative_to(ROOT) else str(path)


def _said_in(room: Path) -> set[Said]:
    """Every message id that the code and the pages of this room use."""
    found = extract_from_dir(room, METHODS, keywords=KEYWORDS)
    return {_key(message) for _, _, message, _, _ in found}


def _key(message: Said | list[str]) -> Said:
    return message if isinstance(message, str) else tuple(message)


def _faults(catalog: Catalog, said: set[Said]) -> Iterator[str]:
    messages = {_key(message.id): message for message in catalog if message.id}
    yield from (f"{key!r} is missing. Add it." for key in sorted(map(str, said - set(messages))))
    yield from (f"{key!r} is used nowhere. Remove it." for key in sorted(map(str, set(messages) - said)))
    yield from (f"{key!r} is commented out. Remove it." for key in catalog.obsolete)
    for key, message in messages.items():
        if message.fuzzy:
            yield f"{key!r} is marked fuzzy. Check it and take the mark off."
        texts = message.string if isinstance(message.string, tuple | list) else [message.string]
        if not all(texts):
            yield f"{key!r} has no translation."


if __name__ == "__main__":
    sys.exit(main())
