"""A template folder, anybody's, is read safely and becomes cards of ours."""

from __future__ import annotations

import io
import json
import resource
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.iphone.bundle import Trust, open_bundle
from tests.apple.made_templates import (
    COFFEE,
    ICONS,
    NOON,
    Phone,
    build,
    chunk,
    make_face,
    make_folder,
    make_picture,
    make_template,
    simple_body,
    with_fields,
)
from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import Identity
from wallet_service.apple.bundle.pkpass import Prepared, bundle
from wallet_service.apple.signing import certificates
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.signing.signer import FileSigner
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.apple.template.placeholders import NAMES, UnknownPlaceholder, parse
from wallet_service.apple.template.template_fault import BadTemplate

Pack = Callable[[zipfile.ZipFile], None]


def zipped(path: Path, pack: Pack | None = None, *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A good template in a zip, with whatever `pack` adds."""
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("pass.json", json.dumps(simple_body()))
        for name, size in ICONS.items():
            archive.writestr(name, make_picture(*size))
        if pack:
            pack(archive)
    return path


def named(name: str, data: bytes = b"x") -> Pack:
    def pack(archive: zipfile.ZipFile) -> None:
        entry = zipfile.ZipInfo("placeholder")
        entry.filename = name  # past the tidying that ZipInfo does by itself
        archive.writestr(entry, data)

    return pack


def of_kind(mode: int) -> Pack:
    def pack(archive: zipfile.ZipFile) -> None:
        entry = zipfile.ZipInfo("logo.png")
        entry.external_attr = mode << 16
        archive.writestr(entry, "/etc/passwd")

    return pack


def many(count: int) -> Pack:
    def pack(archive: zipfile.ZipFile) -> None:
        for number in range(count):
            archive.writestr(f"{number}.txt", "")

    return pack


def both(one: Pack, other: Pack) -> Pack:
    def pack(archive: zipfile.ZipFile) -> None:
        one(archive)
        other(archive)

    return pack


def large(size: int, count: int = 1) -> Pack:
    """Stored, so that it is not the ratio that gives it away."""

    def pack(archive: zipfile.ZipFile) -> None:
        for number in range(count):
            archive.writestr(zipfile.ZipInfo(f"{number}.bin"), bytes(size))

    return pack


def inner_zip() -> bytes:
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("a", "b")
    return inside.getvalue()


BAD: dict[str, Pack] = {
    "zip slip": named("../../etc/cron.d/x"),
    "slip in the middle": named("en.lproj/../../x"),
    "absolute": named("/etc/passwd"),
    "backslashes": named("..\\..\\windows\\x"),
    "a drive": named("C:/x"),
    "a dot": named("./icon.png"),
    "double slash": named("en.lproj//x"),
    "a line break": named("a\nb"),
    "a zero": named("a\x00.png"),
    "direction override": named("a\u202egnp.exe"),
    "no name": named(""),
    "a name without end": named("a" * 5_000),
    "too deep": named("a/b/c/d/e.png"),
    "trailing dots": named("en.lproj/.. "),
    "a symlink": of_kind(0o120777),
    "a device": of_kind(0o060666),
    "a pipe": of_kind(0o010666),
    "two of one name": both(named("logo.png"), named("logo.png")),
    "names that differ in case": both(named("logo.png"), named("Logo.PNG")),
    "names that differ in form": both(named("caf\u00e9.png"), named("cafe\u0301.png")),
    "a zip in the zip": named("more.zip", inner_zip()),
    "a pkpass in disguise": named("logo@2x.png", inner_zip()),
    "a gzip in the zip": named("more.bin", b"\x1f\x8b\x08\x00rest"),
    "a bomb": lambda archive: archive.writestr("bomb.bin", bytes(9_000_000)),
    "one too large": large(10_000_001),
    "too large together": large(8_000_000, 4),
    "sixty-one entries": many(61),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("pack", BAD.values(), ids=BAD.keys())
def test_S16_a_bad_archive_is_refused_at_once_and_takes_no_memory(pack: Pack, tmp_path: Path) -> None:
    path = zipped(tmp_path / "bad.zip", pack)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(BadTemplate) as refused:
        pass_template.load(path)
    assert time.process_time() - started < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64_000
    assert refused.value.fault.problem
    assert refused.value.fault.remedy


@pytest.mark.parametrize("told", [65_535, 5])
def test_S16_a_hundred_thousand_entries_are_never_listed(told: int, tmp_path: Path) -> None:
    good = zipped(tmp_path / "good.zip").read_bytes()
    start = good.index(b"PK\x01\x02")
    line = good[start : good.index(b"PK\x01\x02", start + 4)]
    directory = line * 100_000
    path = tmp_path / "many.zip"
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, told, told, len(directory), start, 0)
    path.write_bytes(good[:start] + directory + tail)
    began = time.process_time()
    with pytest.raises(BadTemplate, match="60 entries"):
        pass_template.load(path)
    assert time.process_time() - began < 1


def test_S16_nothing_of_a_zip_lands_on_the_disk(tmp_path: Path) -> None:
    path = zipped(tmp_path / "good.zip")
    assert pass_template.load(path).name == "good"
    assert [found.name for found in tmp_path.rglob("*")] == ["good.zip"]


def test_S16_sizes_that_lie_are_counted_while_they_stream(tmp_path: Path) -> None:
    path = zipped(tmp_path / "liar.zip", named("big.bin", bytes(5_000_000)))
    data = bytearray(path.read_bytes())
    place = data.rindex(b"big.bin") - 46
    data[place + 24 : place + 28] = struct.pack("<L", 100)  # the size in the directory
    path.write_bytes(data)
    with pytest.raises(BadTemplate, match="no readable zip"):
        pass_template.load(path)


def test_S16_an_encrypted_or_oddly_packed_entry_is_refused(tmp_path: Path) -> None:
    for name, offset, value in (("locked", 8, 1), ("odd", 10, 99)):
        path = zipped(tmp_path / f"{name}.zip", named("x.txt"))
        data = bytearray(path.read_bytes())
        data[data.rindex(b"x.txt") - 46 + offset] = value
        path.write_bytes(data)
        with pytest.raises(BadTemplate):
            pass_template.load(path)


def test_S16_what_is_no_zip_of_its_own_is_refused(tmp_path: Path) -> None:
    good = zipped(tmp_path / "good.zip").read_bytes()
    end = good.rindex(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    for number, data in enumerate(
        (b"", b"PK", b"#!/bin/sh\n" + good, good[:-30], good[:end] + locator + good[end:], inner_zip()[:-22])
    ):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(data)
        with pytest.raises(BadTemplate):
            pass_template.load(path)


def test_S16_a_folder_is_bounded_and_follows_no_links(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "a.pass", simple_body())
    (folder / "logo.png").symlink_to("/etc/passwd")
    with pytest.raises(BadTemplate, match="no plain file"):
        pass_template.load(folder)
    many_files = make_folder(tmp_path / "b.pass", simple_body(), {f"{n}.txt": b"" for n in range(60)})
    with pytest.raises(BadTemplate, match="60 entries"):
        pass_template.load(many_files)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_S16_a_spoilt_zip_is_read_or_refused_but_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated.zip"
    content = bytearray(zipped(path).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    read_or_refused(path)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_B3_a_spoilt_pass_json_is_read_or_refused_but_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = (COFFEE / "pass.json").read_text()
    start, end = sorted((data.draw(st.integers(0, len(content))), data.draw(st.integers(0, len(content)))))
    middle = data.draw(
        st.sampled_from(["", "null", "[]", "{}", '"', "1e999", "{{", "\\ud800", "-", ",", "[[[["])
    )
    spoilt = content[:start] + middle + content[min(end, start + 40) :]
    folder = make_folder(tmp_path_factory.getbasetemp() / "mutated.pass", spoilt.encode())
    read_or_refused(folder)


def read_or_refused(path: Path) -> None:
    try:
        template = pass_template.load(path)
    except BadTemplate:
        return
    json.loads(build(make_face(), template).pass_json)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b"\xff\xfe{",
        b"[" * 100_000,
        b'{"storeCard": []}',
        b'{"storeCard": {"backFields": {}}}',
        b'{"storeCard": {"backFields": [1]}}',
        b'{"storeCard": {}, "storeCard": {}}',
        b'{"generic": {}, "storeCard": {}}',
        b'{"a": ' + b"1" * 5_000 + b"}",
    ],
)
def test_a_pass_json_that_no_phone_reads_is_refused_with_its_name(body: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match=r"pass\.json"):
        pass_template.load(make_folder(tmp_path, body))


def test_I1_a_template_without_an_icon_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, simple_body())
    for name in ICONS:
        (folder / name).unlink()
    with pytest.raises(BadTemplate, match=r"icon\.png"):
        pass_template.load(folder)


def test_a_template_folder_that_is_gone_says_which(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match=r"gone\.pass"):
        pass_template.load(tmp_path / "gone.pass")


def test_L2_a_strings_file_with_a_bad_line_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, simple_body(), {"ru.lproj/pass.strings": b'"a" = "b"\n'})
    with pytest.raises(BadTemplate, match="line 1"):
        pass_template.load(folder)


def flood(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(999)))


PICTURES = {
    "a flood": flood(13_000, 13_000) + chunk(b"IEND", b""),
    "as wide as can be": flood(2**31 - 1, 1) + chunk(b"IEND", b""),
    "no size": flood(0, 0) + chunk(b"IEND", b""),
    "a GIF": b"GIF89a" + bytes(40),
    "a JPEG": b"\xff\xd8\xff\xe0" + bytes(40),
    "a WebP": b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(40),
    "a TIFF": b"II*\x00" + bytes(40),
    "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>" + bytes(40),
    "a page": b"<html><script>alert(1)</script></html>" + bytes(40),
    "cut off": make_picture(29, 29)[:-20],
    "spoilt": make_picture(29, 29).replace(b"IDAT", b"IDAX"),
    "nothing": b"",
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES.keys())
def test_S17_a_picture_that_is_none_or_too_large_is_refused_undecoded(picture: bytes, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadTemplate, match=r"logo\.png"):
        make_template(tmp_path, simple_body(), {"logo.png": picture})
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_S17_what_hides_in_a_picture_stays_behind(tmp_path: Path) -> None:
    clean = make_picture(29, 29)
    spy = (
        clean[:33]
        + chunk(b"tEXt", b"GPS\x0055.75")
        + chunk(b"eXIf", b"II*\x00")
        + clean[33:]
        + b"PK\x03\x04<?php"
    )
    template = make_template(tmp_path, simple_body(), {"icon.png": spy})
    assert template.files["icon.png"] == clean


PAYLOADS = (
    *(
        "{{7*7}}",
        "{{config}}",
        "{{ self }}",
        "{{''.__class__}}",
        "{{''.__class__.__mro__[1]}}",
        "{{face.number}}",
    ),
    *(
        "{{page.__init__.__globals__}}",
        "{{request.application}}",
        "{{cycler.__init__}}",
        "{{lipsum}}",
        "{{get()}}",
    ),
    *(
        "{{number|upper}}",
        "{{number[0]}}",
        "{{number } }",
        "{{}}",
        "{{ }}",
        "{{\n}}",
        "{{number",
        "{{{number}}}",
    ),
    *(
        "{{Number}}",
        "{{NUMBER}}",
        "{{number!r}}",
        "{{number:>99999999}}",
        "{{number\u200b}}",
        "{{\u043fage}}",
    ),
    *(
        "{{news or page}}",
        "{{news if page}}",
        "{{'a' * 10**9}}",
        "{{range(10**9)}}",
        "{{open('/etc/passwd')}}",
    ),
    *(
        "{{__import__('os')}}",
        "{{0.__class__}}",
        "{{#page}}",
        "{{/page}}",
        "{{>page}}",
        "{{&page}}",
        "{{{page}}",
    ),
    *("{{%page}}", "{{page;}}", "{{page\x00}}", "{{../page}}", "{{authentication_token}}", "{{secret_key}}"),
    *(
        "{{" * 50_000,
        "{{" + "a" * 100_000 + "}}",
        "{{{{page}}}}",
        "{{serial.hex}}",
        "{{ _ }}",
        "{{page page}}",
    ),
    *("{{$page}}", "{{@page}}", "{{page=1}}", "{{-page-}}", "{{page,number}}", "{{*names}}", "{{\tpage}}"),
)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_S27_only_a_known_name_is_a_placeholder(payload: str, tmp_path: Path) -> None:
    started = time.process_time()
    with pytest.raises(UnknownPlaceholder):
        parse(payload)
    assert time.process_time() - started < 0.1
    with pytest.raises(BadTemplate, match="no placeholder"):
        make_template(tmp_path, simple_body(logoText=payload))


def test_S27_there_are_fifty_payloads() -> None:
    assert len(PAYLOADS) >= 50


@pytest.mark.parametrize(
    "text", ["{% for x in y %}", "${page}", "#{page}", "<%= page %>", "%(page)s", "{page}", "}}"]
)
def test_S27_other_peoples_marks_are_plain_text(text: str, tmp_path: Path) -> None:
    built = build(make_face(), make_template(tmp_path, simple_body(logoText=text)))
    assert Phone(built).body["logoText"] == text


def test_S27_what_a_placeholder_brings_is_never_read_again(tmp_path: Path) -> None:
    template = make_template(tmp_path, simple_body(logoText="{{reward}} / {{ page }}"))
    built = build(make_face(reward={"en": "{{serial}}", "ru": "{{serial}}"}), template)
    assert Phone(built).body["logoText"] == "{{serial}} / https://cards.example.com/card/abc"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_placeholder_can_stand_in_a_field(name: str, tmp_path: Path) -> None:
    template = make_template(tmp_path, with_fields({"key": "x", "value": f"{{{{{name}}}}}"}))
    values = [field["value"] for field in Phone(build(make_face(), template)).fields().values()]
    assert "" not in values
    assert not any("{{" in str(value) for value in values)


def test_P27_a_folder_made_by_somebody_else_becomes_a_card_of_ours(tmp_path: Path) -> None:
    foreign = simple_body(
        barcode={"format": "PKBarcodeFormatPDF417", "message": "0001", "messageEncoding": "iso-8859-1"},
        barcodes=[{"format": "PKBarcodeFormatPDF417", "message": "0001", "messageEncoding": "iso-8859-1"}],
        storeCard={
            "headerFields": [{"key": "points", "label": "POINTS", "value": "250"}],
            "primaryFields": [{"key": "offer", "label": "OFFER", "value": "Spring"}],
            "backFields": [{"key": "news", "label": "Terms", "value": "None"}],
        },
        unheardOf={"kept": True},
    )
    files = {
        **{"strip.png": make_picture(375, 123), "en.lproj/strip@2x.png": make_picture(750, 246)},
        **{"logo.png": make_picture(160, 50), "manifest.json": b"{}", "signature": b"old", "notes.txt": b"x"},
    }
    template = make_template(tmp_path / "other.pass", foreign, files)
    phone = Phone(build(make_face(), template), "ru")
    assert template.has_strip
    assert sorted(template.files) == ["icon.png", "icon@2x.png", "icon@3x.png", "logo.png"]
    assert phone.body["barcodes"] == [
        {
            "format": "PKBarcodeFormatPDF417",
            "message": "1234567890123456789",
            "messageEncoding": "iso-8859-1",
            "altText": "1234 5678 9012 3456 789",
        }
    ]
    assert "barcode" not in phone.body
    assert phone.body["unheardOf"] == {"kept": True}
    assert phone.body["organizationName"] == "Other Shop"
    assert phone.shows("progress") == "3 из 10, осталось 7"
    assert phone.shows("news-2") == "Уже 3 из 10! Хорошее начало."
    assert phone.fields()["news-2"]["changeMessage"] == "%@"
    assert phone.body["storeCard"]["primaryFields"] == []
    assert [field["key"] for field in phone.body["storeCard"]["auxiliaryFields"]] == ["offer", "progress"]


def test_P14_a_full_front_sends_what_is_added_to_the_back(tmp_path: Path) -> None:
    fields = [{"key": f"f{number}", "value": "x"} for number in range(4)]
    template = make_template(tmp_path, simple_body(storeCard={"secondaryFields": fields}))
    card = Phone(build(make_face(), template)).body["storeCard"]
    assert len(card["secondaryFields"]) == 4
    assert [field["key"] for field in card["backFields"]] == ["news", "progress"]


def test_other_styles_keep_their_strip_and_say_progress_in_words(tmp_path: Path) -> None:
    body = simple_body(storeCard=None, generic={"primaryFields": [{"key": "name", "value": "Card"}]})
    template = make_template(tmp_path, body, {"thumbnail.png": make_picture(90, 90)})
    phone = Phone(build(make_face(), template))
    assert not template.has_strip
    assert phone.shows("progress") == "3 of 10, 7 to go"
    assert phone.body["generic"]["primaryFields"]


def test_a_zip_of_a_folder_is_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "coffee.pass.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(COFFEE.rglob("*")):
            archive.write(file, f"coffee.pass/{file.relative_to(COFFEE)}")
        archive.writestr("__MACOSX/coffee.pass/._pass.json", b"left over")
        archive.writestr("coffee.pass/.DS_Store", b"left over")
    folder, archived = pass_template.load(COFFEE), pass_template.load(path)
    assert same(folder) == same(archived)
    assert build(make_face(), folder) == build(make_face(), archived)


def same(template: PassTemplate) -> tuple[object, ...]:
    return template.name, template.version, template.style, template.body, template.files, template.strings


def test_the_version_changes_with_any_byte(tmp_path: Path) -> None:
    one = make_template(tmp_path / "a.pass", simple_body())
    same_again = make_template(tmp_path / "b.pass", simple_body())
    other = make_template(tmp_path / "c.pass", simple_body(), {"template.toml": b"[bar]\n"})
    assert one.version == same_again.version != other.version


def test_loading_a_template_asks_neither_network_nor_database() -> None:
    modules = "{'flask', 'sqlalchemy', 'pycurl'} & {*sys.modules}"
    code = f"import sys, wallet_service.apple.bundle.pass_json; print({modules})"
    root = COFFEE.parents[1]
    told = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


@pytest.fixture(scope="module")
def phone_trust(tmp_path_factory: pytest.TempPathFactory) -> tuple[FileSigner, Trust]:
    folder = tmp_path_factory.mktemp("certs")
    sandbox = make_sandbox(folder, NOON, "pass.sandbox.coffee")
    held = certificates.load(folder, NOON)["pass.sandbox.coffee"]
    signer = FileSigner(held.certificate, held.key, held.intermediate, lambda: NOON)
    return signer, Trust(sandbox.root_file)


FOREIGN = simple_body(
    storeCard={"primaryFields": [{"key": "offer", "label": "OFFER", "value": "Spring"}]},
    barcode={"format": "PKBarcodeFormatAztec", "message": "0001", "messageEncoding": "iso-8859-1"},
)


@pytest.mark.parametrize("body", [FOREIGN, None], ids=["foreign", "coffee"])
def test_P27_a_phone_takes_the_card_whoever_drew_it(
    body: dict[str, object] | None, phone_trust: tuple[FileSigner, Trust], tmp_path: Path
) -> None:
    template = pass_template.load(make_folder(tmp_path, body) if body else COFFEE)
    signer, trust = phone_trust
    identity = Identity(signer.pass_type, signer.team, "https://cards.example.com/apple", "t" * 43)
    face = make_face(tier={"en": "Gold", "ru": "Золото"})
    data = bundle(Prepared(template.files), pass_json.build(face, template, identity).files, signer)
    opened = open_bundle(data, trust, NOON)
    assert opened.serial == face.serial
    assert sorted(opened.languages) == ["en", "ru"]
    assert opened.lost == {}
    assert opened.languages["ru"]["3 of 10, 7 to go"] == "3 из 10, осталось 7"
