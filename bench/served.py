"""The service as it runs, or another application on the same server, in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.services.ports import LOOPBACK, free_port
from tests.services.programs import running
from tests.shop import Shop
from wallet_service.cli.run import web_command


@contextmanager
def serving(env: Mapping[str, str], log: Path, application: str = "wsgi:app", nice: int = 0) -> Iterator[int]:
    """Its port, once it answers /healthz; the options are those of `make run`."""
    port = free_port()
    command = [*(["nice", "-n", str(nice)] if nice else []), *web_command(port, application)]
    with running(command, log, lambda: _answers(port), env={**os.environ, **env}):
        yield port


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://{LOOPBACK}:{port}/healthz", timeout=2).ok
    except requests.ConnectionError:
        return False


def environment(shop: Shop) -> dict[str, str]:
    """Of a process that serves this shop to its tills, without what a sandbox does to them on purpose."""
    settings = shop.services.settings
    return {
        "WALLET_DATA_DIR": str(settings.data_dir),
        "WALLET_DATABASE_URL": settings.database_url,
        "WALLET_API_RATE": str(10**9),
        "WALLET_API_DROPS": "0",
    }
