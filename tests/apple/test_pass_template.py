"""A template folder is read whole, or refused with the place that is off."""

from __future__ import annotations

import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.apple.made_templates import (
    COFFEE,
    ICONS,
    build,
    chunk,
    make_face,
    make_folder,
    make_picture,
    make_template,
    read_or_refused,
    simple_body,
)
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.apple.template.template_fault import BadTemplate


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
