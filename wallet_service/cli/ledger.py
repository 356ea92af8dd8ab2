"""Commands that look at the whole ledger, take it out, bring members in, and forget one."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from time import sleep
from typing import TextIO

import click
from sqlalchemy import select

from wallet_service.actions import audit, check_ledger, erase, export, import_cards
from wallet_service.actions.forget_part import forget_part
from wallet_service.actions.import_cards import Checked
from wallet_service.actions.services import Services
from wallet_service.cli.opened import BREATH, opened
from wallet_service.cli.progress import progress
from wallet_service.cli.who import who
from wallet_service.db.tables import ProgramRow


@click.command("check-ledger")
@click.option("--program", metavar="SLUG", help="Only the cards of this program.")
def check_ledger_command(program: str | None) -> None:
    """Make every card again from its entries and say what does not add up; exit code 1 when something is.

    docs/ledger.md says what each finding means and what the way out is.
    """
    with opened() as services:
        found, looked = 0, 0
        with services.sessions.read() as session:
            total = check_ledger.how_many(session, program)
        checking = check_ledger.check_ledger(services.sessions, wallets=services.wallets, program=program)
        with progress("Checking", total, "entries") as shown:
            for part in checking:
                for finding in part.findings:
                    shown.say(str(finding))
                shown.on(part.entries)
                found, looked = found + len(part.findings), looked + part.entries
    if found:
        raise click.ClickException(f"{looked} entries looked at, {found} findings; see docs/ledger.md.")
    click.echo(f"{looked} entries looked at. Everything adds up.")


@click.command("export")
@click.argument("what", type=click.Choice(["journal", "members"]))
@click.option("--program", metavar="SLUG", help="Only of this program.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
@click.option("--links", is_flag=True, help="With the address of each member's page: as good as the card.")
def export_command(what: str, program: str | None, out: Path | None, links: bool) -> None:
    """Write the journal or the members as CSV, with money in minor units and times in UTC."""
    with opened() as services, services.sessions.read() as session:
        if what == "journal":
            rows = export.journal(session, program)
        else:
            rows = export.members(session, program, services.links if links else None)
        first = next(rows)  # an unknown program is told before a file is made
        if what == "members":
            _noted(services, program, links)
        with _written(out) as file:
            csv.writer(file).writerows([first])
            csv.writer(file).writerows(rows)
    if out is not None:
        click.echo(f"{out} is written.", err=True)


def _noted(services: Services, program: str | None, links: bool) -> None:
    """Whoever takes names and phone numbers along; from a copy that stands still, too."""
    with services.sessions.begin(in_quarantine=True) as session:
        whose = f"program:{program}" if program else "members"
        audit.write(session, who(), "members-exported", whose, {"links": links}, services.clock())


@click.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what is wrong and what would happen, and do nothing.")
def import_command(slug: str, file: Path, dry_run: bool) -> None:
    """Bring members and their balances into the program SLUG, from a CSV FILE.

    Nothing is imported while a single line is bad. Run it again after a crash: what is here stays as it is.
    """
    with opened() as services:
        _must_be_known(services, slug)
        new, unchanged = _validate(services, slug, file)
        if dry_run:
            would = "1 member" if new == 1 else f"{new} members"
            here = "1 is" if unchanged == 1 else f"{unchanged} are"
            click.echo(f"{would} would be imported, {here} here already. Nothing was changed.")
            return
        with progress("Importing", new, "members") as shown:
            for part in _checked(services, slug, file):
                _import(services, slug, part)
                shown.on(len(part.new))
    done = "1 member is" if new == 1 else f"{new} members are"
    click.echo(f"{done} imported, {'1 was' if unchanged == 1 else f'{unchanged} were'} here already.")


@click.command("erase")
@click.argument("card")
@click.option("--only", "kinds", multiple=True, type=click.Choice(erase.WORDS), help="Keep card and rest.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_command(card: str, kinds: tuple[str, ...], yes: bool) -> None:
    """Forget the member of CARD (a serial or card number) and close the card."""
    if kinds:
        _erase_only(card, kinds)
        return
    with opened() as services:
        with services.sessions.read() as session:
            serial, *merged = erase.of_one_person(session, card)
        if not yes:
            also = f" (merged into it: {', '.join(merged)})" if merged else ""
            click.confirm(f"Forget the member of card {serial}{also}? This cannot be undone.", abort=True)
        with services.sessions.begin() as session:
            gone = erase.erase(
                session, card=serial, wallets=services.wallets, now=services.clock(), actor=who()
            )
    click.echo(f"Gone: all that the member said of themselves. Closed: {', '.join(gone.serials)}.")
    click.echo("Their numbers lead nowhere; wallets are told to empty the card, then phones are forgotten.")
    click.echo(
        f"Ledger entries that stay under the serial number: {gone.entries}. The shop's sums and the hash "
        "chain rest on them, and they name nobody. Reasons of corrections and the key of an import stay as "
        "they were written. Backups forget when they are replaced."
    )


def _erase_only(card: str, kinds: tuple[str, ...]) -> None:
    with opened() as services, services.sessions.begin() as session:
        gone = forget_part(session, card=card, kinds=kinds, now=services.clock(), actor=who())
    click.echo(f"Gone: {', '.join(gone)}. The card stays." if gone else "None of it was known.")
    if "reference" in gone:
        click.echo("In the ledger it stays as the key of their import.")


def _must_be_known(services: Services, slug: str) -> None:
    with services.sessions.read() as session:
        known = session.scalars(select(ProgramRow.slug).order_by(ProgramRow.slug)).all()
    if slug not in known:
        there_are = f"There are: {', '.join(known)}." if known else "There is none yet."
        raise click.ClickException(f"There is no program {slug}. {there_are} Nothing was imported.")


def _validate(services: Services, slug: str, file: Path) -> tuple[int, int]:
    """How many are new and how many are here already; every bad line is told, and ends the command."""
    new = unchanged = bad = 0
    for part in _checked(services, slug, file):
        for line in part.bad:
            click.echo(str(line))
        new, unchanged, bad = new + len(part.new), unchanged + part.unchanged, bad + len(part.bad)
    if bad:
        lines = "1 line is" if bad == 1 else f"{bad} lines are"
        raise click.ClickException(f"{lines} bad. Nothing was imported.")
    return new, unchanged


def _checked(services: Services, slug: str, file: Path) -> Iterator[Checked]:
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        yield from import_cards.check(services.sessions, program=slug, lines=lines, now=services.clock())


def _import(services: Services, slug: str, part: Checked) -> None:
    """With a breath afterwards, in which a till that waits gets in."""
    if part.bad:
        raise click.ClickException("The file changed while it was imported. Run the command again.")
    if not part.new:
        return
    with services.sessions.begin() as session:
        import_cards.import_rows(
            session,
            program=slug,
            rows=part.new,
            wallets=services.wallets,
            entropy=services.entropy,
            now=services.clock(),
        )
    sleep(BREATH)


@contextmanager
def _written(out: Path | None) -> Iterator[TextIO]:
    """RFC 4180 has line ends of its own, which nobody may translate."""
    try:
        with out.open("wb") if out else nullcontext(sys.stdout.buffer) as binary:
            file = io.TextIOWrapper(binary, encoding="utf-8", newline="", write_through=True)
            yield file
            file.detach().flush()
    except BrokenPipeError:
        raise  # whoever read has had enough, as `head` has
    except OSError as problem:
        where = out or "Standard output"
        raise click.ClickException(f"{where} cannot be written: {problem.strerror}.") from problem
