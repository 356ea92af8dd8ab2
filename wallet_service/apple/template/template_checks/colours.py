"""Can everybody read the card and tell the parts of its bar?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from wallet_service.apple.template.pass_body import FILE
from wallet_service.apple.template.template_fault import Fault
from wallet_service.art import theme
from wallet_service.art.template_toml import BadKeys
from wallet_service.art.theme import Theme
from wallet_service.domain.errors import Invalid

ON_THE_CARD = {"foreground": "foregroundColor", "label": "labelColor"}


def theme_of(files: Mapping[str, bytes]) -> Theme:
    """Of a zip, too: only the two texts that a theme is made of ever lie in a folder, under names of ours."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (FILE, theme.FILE):
            if name in files:
                (Path(folder) / name).write_bytes(files[name])
        return theme.load_theme(Path(folder))


def check(files: Mapping[str, bytes]) -> Iterator[Fault]:
    try:
        sentences = theme.theme_faults(theme_of(files))
    except Invalid as invalid:
        told = invalid.faults if isinstance(invalid, BadKeys) else {"": invalid.detail}
        for key, sentence in told.items():
            yield Fault(theme.FILE, key, _local(sentence), "Look at coffee.pass for an example.")
        return
    for sentence in sentences:
        yield _fault(*sentence.split(";", 1))


def _local(sentence: str) -> str:
    """Without the folder that the file lay in for a moment."""
    return sentence[sentence.index(theme.FILE) :] if theme.FILE in sentence else sentence


def _fault(problem: str, remedy: str) -> Fault:
    tone = problem.split(" ", 1)[0]
    remedy = remedy.strip().capitalize()
    if tone in ON_THE_CARD:
        return Fault(FILE, ON_THE_CARD[tone], f"{problem}.".capitalize(), remedy)
    key = f"reward.{tone}" if tone in ("reward", "grey") else f"bar.{tone}"
    return Fault(theme.FILE, key, f"{problem}.".capitalize(), remedy)
