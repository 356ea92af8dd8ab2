"""What every command needs: the services of this installation, and errors as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from wallet_service.actions.services import Services
from wallet_service.domain.errors import WalletError
from wallet_service.push.queue import Queue
from wallet_service.settings import BadSetting, from_environment
from wallet_service.wiring import build_services

DATABASE = (
    "The database does not take this: {said}. Are WALLET_DATABASE_URL and WALLET_DATA_DIR those of the shop? "
    "`flask wallet setup` makes its tables."
)
BREATH = 0.12  # seconds in which tills have SQLite for themselves


@contextmanager
def told() -> Iterator[None]:
    """Our errors are sentences; a person at a terminal needs no traceback."""
    try:
        yield
    except BadSetting as problem:
        raise click.ClickException(str(problem)) from problem
    except WalletError as problem:
        raise click.ClickException(problem.detail) from problem
    except (OperationalError, ProgrammingError) as problem:
        said = str(problem.orig).strip().partition("\n")[0]
        raise click.ClickException(DATABASE.format(said=said)) from problem
    except ArgumentError as problem:
        raise click.ClickException(
            "This is no address of a database. Write such as postgresql+psycopg://user@host/name."
        ) from problem


@contextmanager
def opened() -> Iterator[Services]:
    with told():
        settings = from_environment()
        services = build_services(settings, queue=Queue(settings.queue_url))
        try:
            yield services
        finally:
            services.sessions.close()
