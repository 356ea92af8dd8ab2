"""`flask wallet backup` and `flask wallet restore`."""

from __future__ import annotations

from pathlib import Path

import click

from wallet_service.actions import backups
from wallet_service.actions.back_up import Checked, back_up
from wallet_service.cli.opened import opened, told
from wallet_service.cli.plural import so_many
from wallet_service.cli.restoring import NOW_WHAT, Restored, drill, restore
from wallet_service.domain.errors import Misconfigured
from wallet_service.settings import from_environment
from wallet_service.wiring import utc_now


@click.command("backup")
@click.option("--no-check", is_flag=True, help="Do not unpack it and make its ledger again.")
def backup_command(no_check: bool) -> None:
    """Put a backup of the database into WALLET_BACKUP_DIR, while everybody goes on working."""
    with opened() as services:
        made = back_up(services, services.clock(), check=not no_check)
    click.echo(f"{made.path} is written, {made.path.stat().st_size:,} bytes.")
    if made.checked:
        _tell(made.checked)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its private key.")
@click.option("--check", is_flag=True, help="Only unpack it beside and look through it: a drill.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore_command(file: Path | None, key: Path | None, check: bool, yes: bool) -> None:
    """Put the database of FILE, or of the newest backup, in the place of ours, and begin a quarantine.

    Web service and worker have to be stopped. The database of before is kept beside it.
    """
    with told():
        settings = from_environment()
        backup = _wanted(file, settings.backup_dir)
        identity = backups.key_in(key) if key else None
        if check:
            _tell(drill(settings, backup, identity))
            return
        if not yes:
            click.confirm(
                f"Go back to {backup.taken_at:%Y-%m-%d %H:%M:%S} UTC? The database of now is kept beside.",
                abort=True,
            )
        _tell_restored(restore(settings, backup, identity, utc_now()))


def _wanted(file: Path | None, folder: Path) -> backups.Backup:
    if file is None:
        if (found := backups.newest(folder, utc_now())) is None:
            raise Misconfigured(f"There is no backup in {folder}. Name its file.")
        return found
    if (backup := backups.known(file)) is None:
        raise Misconfigured(
            f"{file.name} is not called like a backup: wallet-20260131T120000Z.sqlite.gz.age."
        )
    return backup


def _tell(checked: Checked) -> None:
    entries = so_many(checked.entries, "entry", "entries")
    click.echo(f"Looked through: {so_many(checked.cards, 'card')}, {entries}.")
    _tell_findings(checked)
    if checked.amiss:
        raise SystemExit(1)
    click.echo("Everything adds up.")


def _tell_restored(done: Restored) -> None:
    click.echo(f"Restored: the state of {done.taken_at:%Y-%m-%d %H:%M:%S} UTC.")
    if done.kept:
        click.echo(f"The database of before is kept: {done.kept}")
    if done.forgotten:
        click.echo(f"Forgotten again: {so_many(len(done.forgotten), 'member')}.")
    _tell_findings(done.checked)
    click.echo(NOW_WHAT)


def _tell_findings(checked: Checked) -> None:
    for finding in checked.findings:
        click.echo(finding)
    if (more := checked.amiss - len(checked.findings)) > 0:
        click.echo(f"{more} more do not add up. `flask wallet check-ledger` names all.")
