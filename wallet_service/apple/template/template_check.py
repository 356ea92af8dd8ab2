"""Everything that is wrong with a pass template, said before a phone refuses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from wallet_service.apple.template import pass_body
from wallet_service.apple.template.pass_body import BadBody
from wallet_service.apple.template.template_checks import barcodes, colours, fields, keys, languages, pictures
from wallet_service.apple.template.template_fault import BadTemplate, Fault, Severity
from wallet_service.apple.template.template_files import read_files


def check(path: Path) -> list[Fault]:
    """Errors first; an empty list is a template as Apple and we like it."""
    try:
        files = read_files(path)
    except BadTemplate as bad:
        return [bad.fault]
    return sorted(_faults(files), key=lambda fault: fault.severity is Severity.WARNING)


def _faults(files: Mapping[str, bytes]) -> Iterator[Fault]:
    yield from _pass_json(files)
    yield from pictures.check(files)
    yield from languages.check(files)
    yield from colours.check(files)


def _pass_json(files: Mapping[str, bytes]) -> Iterator[Fault]:
    if pass_body.FILE not in files:
        yield Fault(pass_body.FILE, "", "It is missing.", "Every pass is made of one.")
        return
    try:
        body = pass_body.read_body(files[pass_body.FILE])
        yield from keys.check(body)
        styles = pass_body.styles_of(body)
    except BadBody as bad:
        yield bad.fault
        return
    yield from fields.check(body, styles)
    yield from barcodes.check(body)
