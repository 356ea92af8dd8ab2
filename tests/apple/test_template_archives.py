"""A zip from anybody is read without harm, or refused at once."""

from __future__ import annotations

import io
import resource
import struct
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.apple.made_templates import (
    Pack,
    make_folder,
    read_or_refused,
    simple_body,
    zipped,
)
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.template_fault import BadTemplate


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
