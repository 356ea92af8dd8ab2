"""`flask wallet template`: begin a card's look, check it, and see it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from wallet_service.apple.template.template_check import check as faults_of
from wallet_service.apple.template.template_fault import Fault, Severity
from wallet_service.cli import preview
from wallet_service.domain.errors import WalletError
from wallet_service.google import look

TEMPLATES = Path(__file__).resolve().parents[2] / "pass_templates"
MODEL = TEMPLATES / "coffee.pass"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@click.group("template")
def template() -> None:
    """How cards look: folders in the form of Apple's own tools."""


@template.command("new")
@click.argument("name")
@click.option(
    "--into",
    "folder",
    envvar="WALLET_TEMPLATES_DIR",
    default=TEMPLATES,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the folder of the new template is made.",
)
def new(name: str, folder: Path) -> None:
    """Begin a template as a copy of the coffee card."""
    if not NAME.fullmatch(name):
        raise click.ClickException(f"{name!r} is no good name. Use small letters, digits, - and _.")
    made = folder / f"{name}.pass"
    if made.exists():
        raise click.ClickException(f"{made} is there already. Choose another name.")
    shutil.copytree(MODEL, made, ignore=shutil.ignore_patterns(".*"))
    click.echo(f"{made} is a copy of the coffee card. Change its colours in pass.json and its bar in")
    click.echo("template.toml, put your own icon and logo in, then run: flask wallet template preview")


@template.command("check")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def check(path: Path) -> None:
    """Say everything that is wrong with the template at PATH, a folder or a zip."""
    path = path.resolve()  # "." has no name
    faults = [*faults_of(path), *_google_faults(path)]
    for fault in faults:
        click.echo(str(fault))
    errors = sum(fault.severity is Severity.ERROR for fault in faults)
    if errors:
        raise click.ClickException(f"{path.name} has {errors} {'error' if errors == 1 else 'errors'}.")
    click.echo(f"{path.name} is ready." if not faults else f"{path.name} works; see the warnings.")


def _google_faults(path: Path) -> Iterator[Fault]:
    """Of a folder; what is still packed is looked at when it lies among the templates."""
    if path.is_dir() and (sentence := look.fault_of(path)):
        yield Fault("template.toml", "google", sentence, "Apple's cards are not touched by this.")


@template.command("preview")
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=MODEL)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="For the pictures."
)
@click.option(
    "--program",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=preview.PROGRAM,
    help="A program's JSON, instead of the demo's.",
)
def show(path: Path, out: Path, program: Path) -> None:
    """Draw the card at every state of its bar, in every language."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, picture in preview.pictures(path, program):
            (out / name).write_bytes(picture)
            click.echo(str(out / name))
    except WalletError as problem:
        raise click.ClickException(problem.detail) from problem
    except OSError as problem:
        raise click.ClickException(f"{problem.filename} cannot be written: {problem.strerror}.") from problem
