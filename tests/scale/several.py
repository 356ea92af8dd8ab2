"""Several web services and workers on one PostgreSQL and one Redis, each a process, as on many machines."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.services.ports import LOOPBACK, free_port
from tests.services.programs import running
from tests.shop import Shop, make_settings
from wallet_service.actions.api_keys import create_api_key
from wallet_service.cli.run import web_command
from wallet_service.cli.setup import set_up_sandbox
from wallet_service.wiring import build_services, utc_now

FLASK = [sys.executable, "-m", "flask", "--app", "wallet_service", "wallet"]


@dataclass(frozen=True)
class Several:
    """`shop` looks into their database; `env` is what all of them were started with."""

    shop: Shop
    env: Mapping[str, str]
    webs: list[str]
    logs: list[Path]

    def new_key(self, name: str) -> str:
        with self.shop.services.sessions.begin() as session:
            return create_api_key(session, name=name, entropy=self.shop.services.entropy, now=utc_now())

    def asks(self, web: str, key: str, path: str = "/cards/1") -> requests.Response:
        return requests.get(f"{web}/api/v1{path}", headers={"Authorization": f"Bearer {key}"}, timeout=10)

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [*FLASK, *words], env=self.env, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout


@contextmanager
def several(
    folder: Path, database_url: str, queue_url: str, *, webs: int = 2, channels: tuple[str, ...] = ("", "")
) -> Iterator[Several]:
    """A worker for each of `channels`, where "" is all of them."""
    given = {
        "WALLET_DATA_DIR": str(folder),
        "WALLET_DATABASE_URL": database_url,
        "WALLET_QUEUE_URL": queue_url,
        "WALLET_API_DROPS": "0",
        "WALLET_APNS_URL": f"https://{LOOPBACK}:{free_port()}",
    }
    settings = make_settings(folder, database_url, **given)
    set_up_sandbox(settings)
    env = {**os.environ, **given}
    services = build_services(settings)
    shop = Shop(services, utc_now)  # type: ignore[arg-type]
    with ExitStack() as started:
        started.callback(services.sessions.close)
        logs = [folder / f"worker-{number}.log" for number in range(len(channels))]
        for log, channel in zip(logs, channels, strict=True):
            wanted = ["--channel", channel] if channel else []
            started.enter_context(running([*FLASK, "worker", *wanted], log, lambda: True, env=env))
        addresses = [_web(started, folder / f"web-{number}.log", env) for number in range(webs)]
        yield Several(shop, env, addresses, logs)


def _web(started: ExitStack, log: Path, env: Mapping[str, str]) -> str:
    port = free_port()
    address = f"http://{LOOPBACK}:{port}"
    started.enter_context(running(web_command(port), log, lambda: _answers(address), env=env))
    return address


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/healthz", timeout=2).ok
    except requests.RequestException:
        return False
