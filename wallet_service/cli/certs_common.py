"""What all commands of `flask wallet certs` share."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click
from click.core import ParameterSource

from wallet_service.apple.signing.certificate_files import pass_types
from wallet_service.domain.errors import WalletError
from wallet_service.settings import BadSetting, from_environment

Answer = TypeVar("Answer")
FOLDER = "certs"


def _in_use(context: click.Context, option: click.Parameter, certs_dir: Path) -> Path:
    """Where none were imported into `certs/` yet, a sandbox has its own beside its data."""
    named = context.get_parameter_source(option.name or "") is not ParameterSource.DEFAULT
    if named or pass_types(certs_dir):
        return certs_dir
    return or_complain(from_environment).certs_dir


folder = click.option(
    "--certs-dir",
    envvar="WALLET_CERTS_DIR",
    default=FOLDER,
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where certificates and keys lie.",
)
folder_in_use = click.option(
    "--certs-dir",
    envvar="WALLET_CERTS_DIR",
    default=FOLDER,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where certificates and keys lie. Default: certs, or else where a sandbox has its own.",
    callback=_in_use,
)


def now() -> datetime:
    return datetime.now(UTC)


def or_complain(work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    except WalletError as problem:
        raise click.ClickException(problem.detail) from problem
    except BadSetting as problem:
        raise click.ClickException(str(problem)) from problem
    except OSError as problem:
        raise click.ClickException(f"{problem.filename}: {problem.strerror}.") from problem


def passphrase() -> bytes | None:
    """Never an option: the command line is visible to everybody on the machine."""
    file = os.environ.get("WALLET_KEY_PASSPHRASE_FILE")
    value = Path(file).read_text().strip() if file else os.environ.get("WALLET_KEY_PASSPHRASE")
    return value.encode() if value else None
