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


def main() -> int:
    faults = [fault for folder in _folders() for fault in faults_of(folder)]
    for fault in faults:
        sys.stderr.write(fault + "\n")
    return 1 if faults else 0


def _folders() -> list[Path]:
    return sorted({*ROOT.glob("wallet_service/*/translations"), ROOT / "wallet_service/web/translations"})


def faults_of(folder: Path) -> Iterator[str]:
    said = _said_in(folder.parent)
    for language in LANGUAGES:
        path = folder / language / "LC_MESSAGES" / "messages.po"
        catalog = _catalog(path, language)
        yield from (f"{_named(path)}: {fault}" for fault in _faults(catalog, said))


def _catalog(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _named(path: Path) -> str:
    return name(path) if path.is_relative_to(ROOT) else path.name


def _said_in(room: Path) -> set[str]:
    """Every message id that the code and the pages of this room use."""
    found = extract_from_dir(room, METHODS, keywords=KEYWORDS)
    return {_key(message) for _, _, message, _, _ in found}


def _key(message: str | tuple[str, ...] | list[str]) -> str:
    """As gettext looks a sentence up: by its singular."""
    return message if isinstance(message, str) else message[0]


def _faults(catalog: Catalog, said: set[str]) -> Iterator[str]:
    messages = {_key(message.id): message for message in catalog if message.id}
    yield from (f"{key!r} is missing. Add it." for key in sorted(said - set(messages)))
    yield from (f"{key!r} is used nowhere. Remove it." for key in sorted(set(messages) - said))
    yield from (f"{key!r} is commented out. Remove it." for key in catalog.obsolete)
    for key, message in messages.items():
        if message.fuzzy:
            yield f"{key!r} is marked fuzzy. Check it and take the mark off."
        texts = message.string if isinstance(message.string, tuple | list) else [message.string]
        if not all(texts):
            yield f"{key!r} has no translation."


if __name__ == "__main__":
    sys.exit(main())
