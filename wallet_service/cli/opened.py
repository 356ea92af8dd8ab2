"""What every command needs: the services of this installation, and errors as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from wallet_service.actions.services import Services
from wallet_service.domain.errors import WalletError
from wallet_service.push.queue import Queue
from wallet_service.settings import BadSetting, from_environment
from wallet_service.wiring import build_services

BREATH = 0.12  # seconds: SQLite lets a waiting writer sleep up to 0.1 before it tries again


@contextmanager
def told() -> Iterator[None]:
    """Our errors are sentences; a person at a terminal needs no traceback."""
    try:
        yield
    except BadSetting as problem:
        raise click.ClickException(str(problem)) from problem
    except WalletError as problem:
        raise click.ClickException(problem.detail) from problem


@contextmanager
def opened() -> Iterator[Services]:
    with told():
        settings = from_environment()
        services = build_services(settings, queue=Queue(settings.queue_url))
        try:
            yield services
        finally:
            services.sessions.close()
