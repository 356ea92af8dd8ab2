"""`flask wallet certs p8` and `push`: keys for tokens, and which pass type pushes with what (N6)."""

from __future__ import annotations

from pathlib import Path

import click

from wallet_service.apple.signing import certificate_files, push_keys
from wallet_service.cli.certs_common import folder_in_use, or_complain, passphrase


@click.command("p8")
@folder_in_use
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--team", help="Its team's id; known by itself where all certificates are of one team.")
@click.option("--key-id", help="Where the file is not called AuthKey_….p8 any more.")
def p8(certs_dir: Path, path: Path, team: str | None, key_id: str | None) -> None:
    """Import a key for APNs (.p8)."""
    key = or_complain(
        lambda: push_keys.import_key(certs_dir, path, team=team, key_id=key_id, passphrase=passphrase())
    )
    click.echo(f"Imported the key {key.key_id} of team {key.team}. Nothing pushes with it yet:")
    click.echo(f"flask wallet certs push PASS_TYPE --with {key.key_id}")


@click.command("push")
@folder_in_use
@click.argument("pass_type", required=False)
@click.option("--with", "key_id", metavar="KEY_ID|certificate", help="What it pushes with from now on.")
def push(certs_dir: Path, pass_type: str | None, key_id: str | None) -> None:
    """Show, or choose, what each pass type pushes with."""
    if key_id and not pass_type:
        raise click.UsageError("Name the pass type too.")
    if pass_type and key_id:
        or_complain(lambda: push_keys.choose(certs_dir, str(pass_type), str(key_id)))
    for kind in [pass_type] if pass_type else certificate_files.pass_types(certs_dir):
        name = or_complain(lambda kind=kind: push_keys.chosen(certs_dir, kind))  # type: ignore[misc]
        click.echo(f"{kind} pushes with {_said(name)}.")


def _said(name: str) -> str:
    team, _, key_id = name.partition("-")
    return f"the key {key_id} of team {team}" if name else "its certificate"
