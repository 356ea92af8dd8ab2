"""Backups as files: their names, which are kept, and that only the right key opens them."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from wallet_service.actions import backups
from wallet_service.domain.errors import Misconfigured, Unavailable

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def taken(**ago: float) -> datetime:
    return NOW - timedelta(**ago)


def sealed(folder: Path, key: pyrage.x25519.Identity | None, content: bytes = b"points") -> backups.Backup:
    (folder / "snapshot").write_bytes(content)
    to = folder / backups.name(NOW, "sqlite", sealed=key is not None)
    backups.seal(folder / "snapshot", to, str(key.to_public()) if key else None)
    found = backups.known(to)
    assert found is not None
    return found


def test_every_one_of_a_day_is_kept_and_then_the_last_of_each_day_for_35_days() -> None:
    every_quarter = [NOW - n * timedelta(minutes=15) for n in range(40 * 24 * 4)]
    kept = set(every_quarter) - backups.outlived(every_quarter, NOW)
    fresh = {moment for moment in kept if NOW - moment <= timedelta(hours=24)}
    older = sorted(kept - fresh)
    assert len(fresh) == 97
    assert len(older) == len({moment.date() for moment in older})
    assert {(moment.hour, moment.minute) for moment in older} == {(23, 45)}
    assert NOW - older[0] <= timedelta(days=35) < NOW - older[0] + timedelta(days=1)


def test_the_newest_is_kept_however_old_it_is() -> None:
    assert backups.outlived([taken(days=90), taken(days=80)], NOW) == {taken(days=90)}


def test_a_backup_opens_with_its_key_and_with_no_other(tmp_path: Path) -> None:
    key, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    backup = sealed(tmp_path, key, b"points" * 1000)
    assert b"points" not in backup.path.read_bytes()
    backups.unseal(backup, tmp_path / "opened", str(key))
    assert (tmp_path / "opened").read_bytes() == b"points" * 1000
    with pytest.raises(Unavailable, match="does not open with this key"):
        backups.unseal(backup, tmp_path / "opened", str(other))
    with pytest.raises(Misconfigured, match="--key"):
        backups.unseal(backup, tmp_path / "opened", None)


@pytest.mark.parametrize("with_key", [True, False], ids=["encrypted", "plain"])
@pytest.mark.parametrize("cut", [1, 20, 60], ids=lambda cut: f"byte {cut}")
def test_a_damaged_backup_says_so(tmp_path: Path, with_key: bool, cut: int) -> None:
    key = pyrage.x25519.Identity.generate() if with_key else None
    backup = sealed(tmp_path, key, bytes(range(256)) * 64)
    whole = backup.path.read_bytes()
    backup.path.write_bytes(whole[: len(whole) - cut])
    with pytest.raises(Unavailable, match="damaged"):
        backups.unseal(backup, tmp_path / "opened", str(key) if key else None)


def test_a_plain_backup_that_was_altered_says_so(tmp_path: Path) -> None:
    backup = sealed(tmp_path, None, os.urandom(4096))
    content = bytearray(backup.path.read_bytes())
    content[100:200] = bytes(100)
    backup.path.write_bytes(content)
    with pytest.raises(Unavailable, match="damaged"):
        backups.unseal(backup, tmp_path / "opened", None)


def test_nobody_else_on_the_machine_reads_a_backup(tmp_path: Path) -> None:
    assert sealed(tmp_path, None).path.stat().st_mode & 0o077 == 0


def test_what_is_no_backup_is_left_alone(tmp_path: Path) -> None:
    for name in ("wallet-notes.txt", "wallet-20261122T120000Z.sqlite", "other.age"):
        (tmp_path / name).write_text("mine")
    old = tmp_path / backups.name(taken(days=90), "sqlite", sealed=False)
    for path in (old, tmp_path / backups.name(taken(minutes=1), "pgdump", sealed=True)):
        path.write_text("")
    assert backups.rotate(tmp_path, NOW) == [old]
    assert len(list(tmp_path.iterdir())) == 4
    newest = backups.newest(tmp_path, NOW)
    assert newest is not None
    assert newest.taken_at == taken(minutes=1)


def test_a_key_that_is_none_is_said_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "snapshot").write_bytes(b"points")
    with pytest.raises(Misconfigured, match="age1"):
        backups.seal(tmp_path / "snapshot", tmp_path / "wallet", "age1nonsense")
    assert [path.name for path in tmp_path.iterdir()] == ["snapshot"]


def test_a_key_file_is_read_with_its_comments(tmp_path: Path) -> None:
    key = str(pyrage.x25519.Identity.generate())
    (tmp_path / "key").write_text(f"# created: today\n# public key: age1...\n{key}\n")
    assert backups.key_in(tmp_path / "key") == key
    (tmp_path / "key").write_text("age1public\n")
    with pytest.raises(Misconfigured, match="no private key"):
        backups.key_in(tmp_path / "key")


def test_what_a_killed_backup_left_behind_goes_and_what_is_under_way_stays(tmp_path: Path) -> None:
    for name, ago in ((".wallet-old", 7), (".wallet-now", 5), (".wallet-1.sqlite.gz.part", 7), ("other", 7)):
        path = tmp_path / name
        path.touch() if name.endswith(".part") else path.mkdir()
        os.utime(path, (taken(hours=ago).timestamp(),) * 2)
    backups.sweep((tmp_path, tmp_path), NOW)
    assert {path.name for path in tmp_path.iterdir()} == {".wallet-now", "other"}


def test_nothing_in_plain_ever_lies_among_the_backups(tmp_path: Path) -> None:
    key, beside = pyrage.x25519.Identity.generate(), tmp_path / "beside"
    beside.mkdir()
    (beside / "snapshot").write_bytes(b"points")
    to = tmp_path / "there" / backups.name(NOW, "sqlite", sealed=True)
    with pytest.raises(OSError, match="there"):
        backups.seal(beside / "snapshot", to, str(key.to_public()))
    assert [path.name for path in beside.iterdir()] == ["snapshot"]
