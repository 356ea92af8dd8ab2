"""`flask wallet keys`: what no backup of the data holds, in a file of its own under a passphrase."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import click
import pyrage
from flask.cli import AppGroup

from wallet_service.actions.whole_file import private, put
from wallet_service.cli.opened import told
from wallet_service.domain.errors import Misconfigured
from wallet_service.settings import Settings, from_environment

SHORTEST = 12
CERTS, GOOGLE = "certs", "google-service-account.json"
SECRET_KEY, TOKEN_KEY, PASSPHRASE = "WALLET_SECRET_KEY", "WALLET_APPLE_TOKEN_KEY", "WALLET_KEY_PASSPHRASE"
MOST = 64 * 1024 * 1024
NOT_OURS = "This file was not written by `flask wallet keys export`."

keys = AppGroup("keys", help="Certificates and secrets, apart from the data.")
from_file = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Where it stands; asked for when left out. Never an option: everybody here can read a command line.",
)


@keys.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@from_file
def export_command(file: Path, passphrase_file: Path | None) -> None:
    """Write all keys of this installation to FILE, encrypted under a passphrase (age), which is asked for."""
    with told():
        passphrase = _passphrase(passphrase_file, twice=True)
        _require_long(passphrase)
        held = dict(_held(from_environment()))
        ready = private(file.with_name(f".{file.name}.part"))
        ready.write_bytes(pyrage.passphrase.encrypt(_packed(held), passphrase))
        put(ready, file)
    for name in sorted(held):
        click.echo(name)
    click.echo(f"{file} is written. Keep it apart from the backups, and the passphrase apart from both.")


@keys.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path))
@from_file
def import_command(file: Path, folder: Path, passphrase_file: Path | None) -> None:
    """Lay the keys of FILE out in the folder TO, and say which settings name them."""
    with told():
        held = _unpacked(_opened(file, _passphrase(passphrase_file)))
        there = [name for name in sorted(held) if (folder / name).exists()]
        if there:
            raise Misconfigured(f"{folder / there[0]} is there already. Name an empty folder.")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in held.items():
            (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            private(folder / name).write_bytes(content)
    click.echo("Set in the environment:")
    for line in _settings(held, folder.absolute()):
        click.echo(line)


def _passphrase(file: Path | None, *, twice: bool = False) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=twice))


def _held(settings: Settings) -> Iterator[tuple[str, bytes]]:
    yield SECRET_KEY, ",".join(settings.secret_keys).encode()
    yield TOKEN_KEY, settings.apple_token_key
    if settings.key_passphrase is not None:
        yield PASSPHRASE, settings.key_passphrase
    if settings.google is not None:
        yield GOOGLE, settings.google.service_account_file.read_bytes()
    for path in sorted(settings.certs_dir.rglob("*")):
        if path.is_file():
            yield f"{CERTS}/{path.relative_to(settings.certs_dir)}", path.read_bytes()


def _packed(held: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in held.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o600
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def _unpacked(archive: bytes) -> dict[str, bytes]:
    """Only plain files below the folder, whoever wrote the archive."""
    held = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as found:
            for member in found:
                name = _safe_name(member)
                held[name] = found.extractfile(member).read()  # type: ignore[union-attr]
    except tarfile.TarError as error:
        raise Misconfigured(NOT_OURS) from error
    return held


def _safe_name(member: tarfile.TarInfo) -> str:
    parts = Path(member.name).parts
    if not member.isfile() or member.name.startswith("/") or ".." in parts or member.size > MOST:
        raise Misconfigured(NOT_OURS)
    return member.name


def _opened(file: Path, passphrase: str) -> bytes:
    try:
        return pyrage.passphrase.decrypt(file.read_bytes(), passphrase)
    except pyrage.DecryptError as error:
        raise Misconfigured(f"{file} does not open with this passphrase, or is damaged.") from error


def _require_long(passphrase: str) -> None:
    if len(passphrase) < SHORTEST:
        raise Misconfigured(f"The passphrase guards every key: give it {SHORTEST} characters at least.")


def _settings(held: dict[str, bytes], folder: Path) -> Iterator[str]:
    for name in (SECRET_KEY, TOKEN_KEY, PASSPHRASE):
        if name in held:
            yield f"{name}_FILE={folder / name}"
    if GOOGLE in held:
        yield f"WALLET_GOOGLE_SERVICE_ACCOUNT_FILE={folder / GOOGLE}"
    yield f"WALLET_CERTS_DIR={folder / CERTS}"
