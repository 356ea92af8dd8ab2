"""Faces, templates and a phone's way of reading them, for the tests of passes."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import BuiltPass, Identity
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.apple.template.template_fault import BadTemplate
from wallet_service.domain.face import CardFace, HistoryLine
from wallet_service.domain.progress import Progress

TEMPLATES = Path(__file__).parents[2] / "pass_templates"
COFFEE = TEMPLATES / "coffee.pass"
IDENTITY = Identity("pass.sandbox.coffee", "SANDBOX123", "https://cards.example.com/apple", "t" * 43)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ICONS = {"icon.png": (29, 29), "icon@2x.png": (58, 58), "icon@3x.png": (87, 87)}
SECTIONS = ("headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "backFields")

Body = dict[str, Any]


def make_face(**changed: Any) -> CardFace:
    face = CardFace(
        serial="6f1f2d3c-0000-4000-8000-000000000000",
        number="1234567890123456789",
        number_grouped="1234 5678 9012 3456 789",
        program="coffee",
        template="coffee",
        organization="Brew & Bean",
        languages=("en", "ru"),
        program_name={"en": "Coffee Card", "ru": "Кофейная карта"},
        news={"en": "3 of 10 already. Good start.", "ru": "Уже 3 из 10! Хорошее начало."},
        balance={"en": "3 of 10", "ru": "3 из 10"},
        progress=Progress(value=3, goal=10, endowed=2, gained=1, cells=True),
        progress_text={"en": "3 of 10, 7 to go", "ru": "3 из 10, осталось 7"},
        to_go={"en": "7", "ru": "7"},
        reward={"en": "Free coffee", "ru": "Бесплатный кофе"},
        rules={"en": "Each visit: 1 stamp.\n10 stamps: Free coffee.", "ru": "Визит — 1 штамп.\n10 — кофе."},
        history=(
            HistoryLine(NOON, {"en": "+1 stamp", "ru": "+1 штамп"}),
            HistoryLine(datetime(2026, 11, 20, 21, 30, tzinfo=UTC), {"en": "Gift", "ru": "Подарок"}),
        ),
        page="https://cards.example.com/card/abc",
        time_zone="Europe/Moscow",
    )
    return replace(face, **changed)


def make_picture(width: int, height: int) -> bytes:
    """A black PNG, made by hand."""
    rows = zlib.compress((b"\0" + b"\0\0\0" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def simple_body(**changed: Any) -> Body:
    """A pass that somebody else exported: no placeholder, identifiers and a number of their own."""
    body = {
        "formatVersion": 1,
        "passTypeIdentifier": "pass.com.other.shop",
        "teamIdentifier": "OTHER12345",
        "serialNumber": "0001",
        "organizationName": "Other Shop",
        "description": "Bonus card",
        "backgroundColor": "rgb(20, 20, 60)",
        "foregroundColor": "rgb(255, 255, 255)",
        "labelColor": "rgb(220, 220, 240)",
        "storeCard": {"headerFields": [{"key": "points", "label": "POINTS", "value": "250"}]},
    }
    return {name: value for name, value in (body | changed).items() if value is not None}


def make_folder(folder: Path, body: Body | bytes, files: Mapping[str, bytes] | None = None) -> Path:
    """A `.pass` folder with icons in the right sizes."""
    pictures = {name: make_picture(*size) for name, size in ICONS.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    for name, data in {"pass.json": content, **pictures, **(files or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def make_template(folder: Path, body: Body, files: Mapping[str, bytes] | None = None) -> PassTemplate:
    return pass_template.load(make_folder(folder, body, files))


Pack = Callable[[zipfile.ZipFile], None]


def zipped(path: Path, pack: Pack | None = None) -> Path:
    """A good template in a zip, with whatever `pack` adds."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pass.json", json.dumps(simple_body()))
        for name, size in ICONS.items():
            archive.writestr(name, make_picture(*size))
        if pack:
            pack(archive)
    return path


def read_or_refused(path: Path) -> None:
    """Nothing else may happen to a template, whatever is in it."""
    try:
        template = pass_template.load(path)
    except BadTemplate:
        return
    json.loads(build(make_face(), template).pass_json)


def with_fields(*fields: Body, section: str = "backFields", **changed: Any) -> Body:
    news = {"key": "news", "value": "{{news}}", "changeMessage": "%@"}
    style = {"backFields": [news]}
    return simple_body(storeCard=style | {section: [*style.get(section, []), *fields]}, **changed)


class Phone:
    """A pass as a phone in one language shows it; reads strings in its own way."""

    def __init__(self, built: BuiltPass, language: str = "") -> None:
        self.body: Body = json.loads(built.pass_json)
        file = f"{language}.lproj/pass.strings"
        self.said = read_strings(built.strings[file].decode()) if language else {}

    def text(self, value: Any) -> Any:
        return self.said.get(value, value) if isinstance(value, str) else value

    def fields(self) -> dict[str, Body]:
        style = next(self.body[name] for name in ("storeCard", "generic", "coupon") if name in self.body)
        return {field["key"]: field for section in SECTIONS for field in style.get(section, [])}

    def shows(self, key: str) -> Any:
        return self.text(self.fields()[key]["value"])

    def label(self, key: str) -> Any:
        return self.text(self.fields()[key]["label"])


def build(face: CardFace, template: PassTemplate) -> BuiltPass:
    return pass_json.build(face, template, IDENTITY)


def body_of(template: PassTemplate, **changed: Any) -> Body:
    return Phone(build(make_face(**changed), template)).body


def read_strings(text: str) -> dict[str, str]:
    """Character by character, as `plutil` does; any surprise is an error."""
    found: dict[str, str] = {}
    tokens = _tokens(text)
    while tokens:
        key, equals, value, semicolon, *tokens = tokens
        assert (key[0], equals, value[0], semicolon) == ('"', "=", '"', ";"), (key, equals, value, semicolon)
        assert key[1:] not in found, key
        found[key[1:]] = value[1:]
    return found


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    place = 0
    while place < len(text):
        if text.startswith("/*", place):
            place = text.index("*/", place) + 2
        elif text[place] == '"':
            token, place = _string(text, place + 1)
            tokens.append('"' + token)
        elif text[place].isspace():
            place += 1
        else:
            assert text[place] in "=;", f"{text[place]!r} stands alone at {place}"
            tokens.append(text[place])
            place += 1
    return tokens


def _string(text: str, place: int) -> tuple[str, int]:
    token = ""
    while text[place] != '"':
        if text[place] == "\\":
            place += 1
            token += {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}[text[place]]
        else:
            token += text[place]
        place += 1
    return token, place + 1
