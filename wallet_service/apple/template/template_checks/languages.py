"""The language folders of a template: readable, complete, and with their placeholders and marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set

from wallet_service.apple.template import pass_body, pass_strings
from wallet_service.apple.template.pass_body import BadBody
from wallet_service.apple.template.pass_strings import BadStrings
from wallet_service.apple.template.pass_template import unknown_placeholder
from wallet_service.apple.template.placeholders import MARK
from wallet_service.apple.template.template_checks.fields import OTHER_MARKUP, has_other_markup
from wallet_service.apple.template.template_fault import Fault, warning
from wallet_service.apple.template.template_files import languages_of

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?")
CHANGE = "%@"

Pairs = Mapping[str, str]


def check(files: Mapping[str, bytes]) -> Iterator[Fault]:
    read: dict[str, Pairs] = {}
    for language in languages_of(files):
        if not LANGUAGE.fullmatch(language):
            problem = "It is no language that phones know."  # L4
            yield Fault(f"{language}.lproj", "", problem, "Name it like ru, en-GB or zh-Hans.")
        try:
            read[language] = pass_strings.parse(files.get(_file(language), b""))
        except BadStrings as bad:
            yield Fault(
                _file(language), f"line {bad.line}", bad.problem, "Correct it: this language vanishes."
            )
    for language, pairs in read.items():
        yield from _pairs(_file(language), pairs)
        yield from _missing_texts(language, pairs, read)
    yield from _texts(read, files)
    yield from _missing_pictures(files)


def _file(language: str) -> str:
    return f"{language}.lproj/{pass_strings.FILE}"


def _pairs(file: str, pairs: Pairs) -> Iterator[Fault]:
    for key, text in pairs.items():
        for _, name in pass_body.unknown_placeholders({"key": key, "text": text}):
            yield unknown_placeholder(file, key, name)
        if key.count(CHANGE) != text.count(CHANGE):
            problem = "The translation has not as many %@ as the text."  # P13, L3
            yield Fault(file, key, problem, "Put %@ where the new value belongs.")
        if {*MARK.findall(key)} != {*MARK.findall(text)}:
            problem = "The translation has other placeholders than the text."
            yield warning(file, key, problem, "Use the same ones, if the language allows.")


def _missing_texts(language: str, pairs: Pairs, read: Mapping[str, Pairs]) -> Iterator[Fault]:
    for other, others in read.items():
        for key in others.keys() - pairs.keys() if other != language else ():
            problem = f"{other} has this text, {language} has not."
            yield warning(_file(language), key, problem, "Translate it.")


def _texts(read: Mapping[str, Pairs], files: Mapping[str, bytes]) -> Iterator[Fault]:
    try:
        said = [*pass_body.strings_in(pass_body.read_body(files.get(pass_body.FILE, b"")))]
    except BadBody:
        return
    marked_up = {text for key, text in said if key.endswith(".attributedValue")}
    for language, pairs in read.items():
        yield from _unused(_file(language), pairs, {text for _, text in said})
        for key in sorted(pairs.keys() & marked_up):
            if has_other_markup(pairs[key]):
                yield Fault(_file(language), key, *OTHER_MARKUP)


def _unused(file: str, pairs: Pairs, said: Set[str]) -> Iterator[Fault]:
    """A translation of what nobody says: as a rule, pass.json was changed and the strings were not."""
    for key in sorted(pairs.keys() - said):
        problem = "No text in pass.json reads like this."
        yield warning(file, key, problem, "Write the key as it stands there, or take it out.")


def _missing_pictures(files: Mapping[str, bytes]) -> Iterator[Fault]:
    """I6: a picture that one language has and another lacks."""
    pictures = {name.split("/", 1)[1] for name in files if ".lproj/" in name and name.endswith(".png")}
    for language in languages_of(files):
        for picture in sorted(pictures):
            if f"{language}.lproj/{picture}" not in files and picture not in files:
                problem = "Another language has this picture."
                yield warning(f"{language}.lproj/{picture}", "", problem, "Add it here or beside pass.json.")
