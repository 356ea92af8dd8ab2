"""`flask wallet certs`: make sandbox certificates, ask Apple for real ones, import them, watch them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from wallet_service.apple.signing.certificate_import import Imported, import_files, is_p12, request
from wallet_service.apple.signing.certificate_status import Standing
from wallet_service.apple.signing.certificate_status import status as standings
from wallet_service.apple.signing.certificates import WHERE_FROM
from wallet_service.apple.signing.sandbox_certificates import COFFEE, make_sandbox
from wallet_service.cli.certs_calendar import calendar
from wallet_service.cli.certs_common import folder, folder_in_use, now, or_complain, passphrase
from wallet_service.cli.certs_push import p8, push
from wallet_service.cli.certs_renewal import canary, relock, rollback, switch

PORTAL = "https://developer.apple.com/account/resources/certificates/add"


@click.group("certs")
def certs() -> None:
    """Certificates for Apple Wallet."""


for command in (p8, push, canary, switch, rollback, relock):
    certs.add_command(command)


@certs.command("sandbox")
@folder
@click.option("--pass-type", default=COFFEE, show_default=True)
def sandbox(certs_dir: Path, pass_type: str) -> None:
    """Make certificates of our own, to try everything without Apple."""
    made = or_complain(lambda: make_sandbox(certs_dir, now(), pass_type))
    click.echo(f"Sandbox certificates for {made.pass_type} are in {certs_dir}.")


@certs.command("csr")
@folder
@click.option("--name", default="Wallet service", show_default=True, help="Shown in Apple's portal only.")
def csr(certs_dir: Path, name: str) -> None:
    """Make a key and the request to upload to Apple."""
    path = or_complain(lambda: request(certs_dir, name=name, passphrase=passphrase()))
    click.echo(f"Upload {path} at {PORTAL} (Pass Type ID Certificate),")
    click.echo(f"fetch the intermediate it names (Worldwide Developer Relations G4) from {WHERE_FROM},")
    click.echo("then: flask wallet certs import AppleWWDRCAG4.cer pass.cer")


@certs.command("import")
@folder
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--new-pass-type", is_flag=True, help="Add a further pass type beside those you have.")
@click.option("--at-once", is_flag=True, help="Use a renewed certificate without trying it first.")
def import_command(
    certs_dir: Path,
    paths: tuple[Path, ...],
    password_file: Path | None,
    new_pass_type: bool,
    at_once: bool,
) -> None:
    """Import certificates (.cer, .p12, .pem), Apple's intermediate among them."""
    imported = or_complain(
        lambda: import_files(
            certs_dir,
            paths,
            now(),
            password=_password(paths, password_file),
            passphrase=passphrase(),
            new_pass_type=new_pass_type,
            at_once=at_once,
        )
    )
    for one in imported:
        click.echo(_said(one))
        if one.waits:
            click.echo(f"It waits beside the one in use. Try it: flask wallet certs canary {one.pass_type}")


@certs.command("status")
@folder_in_use
@click.option("--calendar", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write it as .ics.")
def status(certs_dir: Path, file: Path | None) -> None:
    """Days left; leaves with 1 when something has expired or is wrong."""
    found = or_complain(lambda: standings(certs_dir, now(), passphrase()))
    if file is not None and found:
        or_complain(partial(file.write_bytes, calendar(found, now()).encode()))
    for standing in found:
        click.echo(_line(standing))
    if not found:
        raise click.ClickException(
            f"There is no certificate in {certs_dir}: see certs sandbox and certs csr."
        )
    if any(standing.fault for standing in found):
        raise SystemExit(1)


def _password(paths: tuple[Path, ...], file: Path | None) -> bytes | None:
    if file:
        return file.read_text().strip().encode()
    if any(path.is_file() and _asks_for_password(path.read_bytes()) for path in paths):
        return str(click.prompt("Password of the file", hide_input=True, default="")).encode()
    return None


def _asks_for_password(data: bytes) -> bool:
    return is_p12(data) or b"ENCRYPTED" in data


def _said(one: Imported) -> str:
    what = f"{one.pass_type} of team {one.team}" if one.pass_type else one.name
    return f"Imported {what}, valid until {one.expires_at:%Y-%m-%d}: {one.path}"


def _line(one: Standing) -> str:
    if one.fault:
        return f"{one.pass_type}: {one.fault}"
    kind = " (sandbox)" if one.sandbox else ""
    remark = "" if one.level == "good" else f" - {REMARKS[one.level]}"
    return f"{one.pass_type}{kind}: {one.certificate}, {one.days_left} days left{remark}"


REMARKS = {
    "plan": "renew within the next two months",
    "soon": "renew this month: flask wallet certs csr",
    "urgent": "RENEW NOW: flask wallet certs csr",
}
