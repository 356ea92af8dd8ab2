"""B3: templates of good shops with something spoilt in them, as folders that were zipped and sent."""

from __future__ import annotations

import io
import json
import random
import tempfile
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from simulators.iphone.bundle import Trust, open_bundle
from simulators.iphone.refusal import Refused
from tests.apple.made_templates import (
    ICONS,
    NOON,
    TEMPLATES,
    Body,
    make_face,
    make_picture,
    simple_body,
    with_fields,
)
from tests.faults.count import Count
from tests.services.memory import in_memory
from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import Identity
from wallet_service.apple.bundle.pkpass import Prepared, bundle
from wallet_service.apple.signing import certificates
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.signing.signer import FileSigner
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.template_check import check
from wallet_service.apple.template.template_fault import BadTemplate, Severity

SPOILT = 3_000
PASS_TYPE = "pass.sandbox.coffee"
TEXTS = ("", "null", "[]", "{}", '"', "1e999", "{{", "\\ud800", "-", ",", "[[[[")
VALUES: tuple[Any, ...] = (
    None, True, -1, 1e300, "", "x" * 5_000, "{{balance}}", "{{saldo}}", "%@", "\u202e\0", "rgb(1, 2, 300)",
    "2026-13-01", [], {}, [[[]]], [1] * 20, {"key": "x", "value": {}},
)  # fmt: skip
SILENT = "refused without a word"
Files = dict[str, bytes]
Spoiler = Callable[[Files, random.Random], bytes]


def of_shops(scale: float, seed: int) -> Count:
    """Each is refused with a sentence, or becomes a card that a phone takes, unless `template check` said
    what a phone will say to it.
    """
    dice, amount = random.Random(seed), max(int(SPOILT * scale), 60)
    shops, came_of_it, amiss = [*_good()], Counter[str](), list[str]()
    with tempfile.TemporaryDirectory(dir=in_memory()) as name:
        path, phone = Path(name) / "spoilt.zip", Phone(Path(name) / "certs")
        for turn in range(amount):
            spoil, shop = dice.choice(SPOILERS), dice.choice(shops)
            path.write_bytes(spoil(dict(shop), dice))
            try:
                came_of_it[phone.sees(path)] += 1
            except Exception as fault:  # noqa: BLE001 - whatever it is stands in the table
                amiss.append(f"{turn}, {spoil.__name__[1:]}: {type(fault).__name__}: {fault}"[:200])
    amiss += [what for what in came_of_it if what == SILENT]
    done = f"{amount} spoilt, " + ", ".join(f"{many} {what}" for what, many in sorted(came_of_it.items()))
    return Count("B3 rubbish templates", done, amount, amiss=tuple(amiss[:20]))


class Phone:
    """Looks at what was signed with means of its own."""

    def __init__(self, folder: Path) -> None:
        sandbox = make_sandbox(folder, NOON, PASS_TYPE)
        held = certificates.load(folder, NOON)[PASS_TYPE]
        self._signer = FileSigner(held.certificate, held.key, held.intermediate, lambda: NOON)
        self._identity = Identity(PASS_TYPE, held.team, "https://cards.example.com/apple", "t" * 43)
        self._trust, self._face = Trust(sandbox.root_file), make_face()

    def sees(self, path: Path) -> str:
        try:
            template = pass_template.load(path)
        except BadTemplate as bad:
            return "refused" if bad.fault.problem and bad.fault.remedy else SILENT
        told = any(fault.severity is Severity.ERROR for fault in check(path))
        built = pass_json.build(self._face, template, self._identity)
        try:
            open_bundle(bundle(Prepared(template.files), built.files, self._signer), self._trust, NOON)
        except Refused:
            if told:
                return "told of"
            raise
        return "taken"


def _good() -> Iterator[Files]:
    """Ten: ours, and what others might draw."""
    for folder in sorted(TEMPLATES.glob("*.pass")):
        yield {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    code = {"format": "PKBarcodeFormatAztec", "message": "0001", "messageEncoding": "iso-8859-1"}
    offer = {"primaryFields": [{"key": "offer", "label": "OFFER", "value": "Spring"}]}
    yield _files(simple_body(storeCard=offer, barcode=code))
    yield _files(with_fields({"key": "x", "label": "POINTS", "value": "{{balance}}!"}, barcodes=[code]))
    yield _files(simple_body(storeCard=None, coupon=offer), {"logo.png": make_picture(160, 50)})
    yield _files(simple_body(storeCard=None, generic=offer), {"thumbnail.png": make_picture(90, 90)})
    yield _files(simple_body(storeCard=None, eventTicket=offer), {"background.png": make_picture(180, 220)})
    yield _files(simple_body(storeCard=None, boardingPass=offer | {"transitType": "PKTransitTypeAir"}))
    words = {f"{language}.lproj/pass.strings": b'"POINTS" = "Points";' for language in ("en", "ru")}
    yield _files(simple_body(locations=[{"latitude": 1, "longitude": 2}], unheardOf={"x": [1]}), words)


def _files(body: Body, more: Mapping[str, bytes] | None = None) -> Files:
    icons = {name: make_picture(*size) for name, size in ICONS.items()}
    return {"pass.json": json.dumps(body).encode(), **icons, **(more or {})}


def _cut_text(files: Files, dice: random.Random) -> bytes:
    text = files["pass.json"].decode()
    start = dice.randrange(len(text))
    spoilt = text[:start] + dice.choice(TEXTS) + text[start + dice.randrange(40) :]
    return _zipped(files | {"pass.json": spoilt.encode()})


def _other_value(files: Files, dice: random.Random) -> bytes:
    """Anything in the place of anything else, or under a name that is there already."""
    body = json.loads(files["pass.json"])
    at, key = dice.choice([*_places(body)])
    at[key] = dice.choice(VALUES)
    return _zipped(files | {"pass.json": json.dumps(body).encode()})


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in list(inside):
        yield value, key
        yield from _places(child)


def _other_bytes(files: Files, dice: random.Random) -> bytes:
    name = dice.choice(sorted(files))
    return _zipped(files | {name: _spoilt(files[name], dice)})


def _other_names(files: Files, dice: random.Random) -> bytes:
    name = dice.choice(sorted(files))
    other = dice.choice(("", "../", "./", "en.lproj/", "/", "C:/", "a/b/c/d/")) + dice.choice(sorted(files))
    return _zipped(files, {other: files[name]})


def _other_zip(files: Files, dice: random.Random) -> bytes:
    return _spoilt(_zipped(files), dice)


def _spoilt(data: bytes, dice: random.Random) -> bytes:
    content = bytearray(data)
    for _ in range(dice.randint(1, 6) if content else 0):
        content[dice.randrange(len(content))] = dice.randrange(256)
    return bytes(content if dice.random() < 0.8 else content[: dice.randrange(len(content) + 1)])


def _zipped(files: Files, more: Mapping[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")  # of a name that is there twice
        for name, data in [*files.items(), *(more or {}).items()]:
            archive.writestr(name, data)
    return out.getvalue()


SPOILERS: tuple[Spoiler, ...] = (
    *(_cut_text, _other_value, _other_value, _other_bytes),
    *(_other_names, _other_zip),
)
