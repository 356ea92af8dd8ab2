"""A `.pass` folder, or a zip of one, read once and ready to make cards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wallet_service.apple.template import pass_body, pass_strings, placeholders, template_pictures
from wallet_service.apple.template.pass_body import BadBody, Body
from wallet_service.apple.template.pass_strings import BadStrings
from wallet_service.apple.template.template_fault import BadTemplate, Fault
from wallet_service.apple.template.template_files import languages_of, read_files
from wallet_service.apple.template.template_pictures import BadPicture

Strings = Mapping[str, Mapping[str, str]]
"""Language -> the pairs of its pass.strings."""


@dataclass(frozen=True, eq=False)
class PassTemplate:
    """`body` is pass.json with its placeholders, `files` the pictures that all its passes share.

    `version` changes with any byte of the folder. A bundle is made of `files`, what `pass_json.build`
    gives and, where `has_strip`, the three strips of the card's state.
    """

    name: str
    version: str
    style: str
    body: Body
    files: Mapping[str, bytes]
    strings: Strings

    @property
    def has_strip(self) -> bool:
        return self.style in pass_body.STRIP_STYLES


def load(path: Path) -> PassTemplate:
    """BadTemplate (a Misconfigured) names the file, the key and the way out."""
    files = read_files(path)
    try:
        return _template(path.name, files)
    except BadBody as bad:
        raise BadTemplate(path.name, bad.fault) from None


def _template(name: str, files: Mapping[str, bytes]) -> PassTemplate:
    body = pass_body.read_body(_needed(name, files))
    _require_known_placeholders(name, body)
    style = pass_body.styles_of(body)[0]
    return PassTemplate(
        name=name.removesuffix(".zip").removesuffix(".pass"),
        version=version_of(files),
        style=style,
        body=pass_body.adopted(body),
        files=_pictures(name, files, style),
        strings={language: _strings(name, files, language) for language in languages_of(files)},
    )


def _needed(name: str, files: Mapping[str, bytes]) -> bytes:
    if pass_body.FILE not in files:
        raise BadTemplate(name, Fault(pass_body.FILE, "", "It is missing.", "Every pass is made of one."))
    if not any(file in files for file in ("icon.png", "icon@2x.png", "icon@3x.png")):
        problem = "It is missing, and phones refuse a pass without it."  # I1
        raise BadTemplate(name, Fault("icon.png", "", problem, "Add icon.png, icon@2x.png and icon@3x.png."))
    return files[pass_body.FILE]


def _require_known_placeholders(name: str, body: Body) -> None:
    for key, placeholder in pass_body.unknown_placeholders(body):
        raise BadTemplate(name, unknown_placeholder(pass_body.FILE, key, placeholder))


def unknown_placeholder(file: str, key: str, placeholder: str) -> Fault:
    names = ", ".join(sorted(placeholders.NAMES))
    return Fault(file, key, f"There is no placeholder {placeholder!r}.", f"Use one of: {names}.")


def version_of(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file}\0{len(files[file])}\0".encode() + files[file])
    return digest.hexdigest()[:16]


def _pictures(name: str, files: Mapping[str, bytes], style: str) -> dict[str, bytes]:
    """Only what a phone knows by its name goes into a pass; the strip is ours to draw."""
    return {file: _trusted(name, file, files[file]) for file in sorted(files) if is_bundled(file, style)}


def is_bundled(file: str, style: str) -> bool:
    known = template_pictures.slot_of(file)
    if known is None or known[0] == "personalizationLogo":  # Z1: it belongs to a form that we do not serve
        return False
    return known[0] != "strip" or style not in pass_body.STRIP_STYLES


def _trusted(name: str, file: str, data: bytes) -> bytes:
    try:
        return template_pictures.trusted(data)
    except BadPicture as bad:
        raise BadTemplate(
            name, Fault(file, "", str(bad), "Save it again as a PNG of the right size.")
        ) from None


def _strings(name: str, files: Mapping[str, bytes], language: str) -> dict[str, str]:
    file = f"{language}.lproj/{pass_strings.FILE}"
    try:
        pairs = pass_strings.parse(files.get(file, b""))
    except BadStrings as bad:
        raise BadTemplate(name, Fault(file, f"line {bad.line}", bad.problem, "Correct that line.")) from None
    _require_known_in_strings(name, file, pairs)
    return pairs


def _require_known_in_strings(name: str, file: str, pairs: Mapping[str, str]) -> None:
    for key, placeholder in pass_body.unknown_placeholders({k: [k, v] for k, v in pairs.items()}):
        raise BadTemplate(name, unknown_placeholder(file, key, placeholder))
