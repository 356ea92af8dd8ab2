"""`make run`: the whole shop on one machine, with the outside world played by the simulators."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import click

from wallet_service.apple.signing.certificate_files import SANDBOX
from wallet_service.cli.supervisor import LOOPBACK, CannotRun, Child, alone_on, check_ports, hold_up
from wallet_service.domain.errors import WalletError
from wallet_service.google.sandbox_account import make_sandbox_account
from wallet_service.settings import BadSetting, Settings, from_environment, sandbox_account

DEMO_PROGRAM = "coffee"
WAITING = 1000
"""Requests that may wait at the turnstile, each in a thread of its own, which is there while it waits."""
REAL_GOOGLE = ("WALLET_GOOGLE_ISSUER_ID", "WALLET_GOOGLE_SERVICE_ACCOUNT_FILE")


class Ready(Protocol):
    """What the set-up leaves for the person at the terminal."""

    @property
    def pin(self) -> str: ...

    @property
    def office_pin(self) -> str: ...

    @property
    def api_key(self) -> str: ...


SetUp = Callable[[Settings], Ready]


@dataclass(frozen=True)
class Ports:
    """One number decides all, so that a second run beside the first needs one other number."""

    web: int

    @property
    def apns(self) -> int:
        return self.web + 1

    @property
    def phone(self) -> int:
        return self.web + 2

    @property
    def google(self) -> int:
        return self.web + 3

    @property
    def apns_control(self) -> int:
        return self.web + 4


def run_command(set_up: SetUp) -> click.Command:
    """The command, given the function that makes database, certificates, demo program and PIN."""

    @click.command("run")
    @click.option(
        "--port", envvar="PORT", default=8000, show_default=True, help="The simulators take the next."
    )
    def run(port: int) -> None:
        """Start everything in the foreground; Ctrl-C stops all."""
        try:
            run_everything(Ports(port), os.environ, set_up)
        except (CannotRun, BadSetting, WalletError) as problem:
            raise click.ClickException(str(problem)) from problem

    return run


def run_everything(ports: Ports, given: Mapping[str, str], set_up: SetUp) -> None:
    env = addresses(ports) | {name: value for name, value in given.items() if value}
    with alone_on(from_environment(env).data_dir):
        settings = with_google(ports, env)
        commands = children(ports, given, settings)
        check_ports(commands)
        ready = set_up(settings)
        hold_up(
            commands,
            logs=settings.data_dir / "log",
            env=_for_servers(env | trust(given, settings) | no_proxy(given)),
            when_up=lambda: _welcome(settings, ready),
        )


def _for_servers(env: Mapping[str, str]) -> dict[str, str]:
    """Without the mark by which Flask knows its own command line: a server is none."""
    return {name: value for name, value in env.items() if name != "FLASK_RUN_FROM_CLI"}


def addresses(ports: Ports) -> dict[str, str]:
    """Where the simulators will be, for everything that nobody gave another address."""
    return {
        "WALLET_PUBLIC_URL": f"http://localhost:{ports.web}",
        "WALLET_APNS_URL": f"https://localhost:{ports.apns}",
        "WALLET_PHONE_URL": f"http://localhost:{ports.phone}",
    }


def with_google(ports: Ports, env: Mapping[str, str]) -> Settings:
    """The sandbox's own account at the simulated Google, unless somebody named a real one."""
    settings = from_environment(env)
    if settings.sandbox and not any(env.get(name) for name in REAL_GOOGLE):
        url = env.get("WALLET_GOOGLE_API_URL") or f"http://localhost:{ports.google}"
        make_sandbox_account(sandbox_account(settings.certs_dir), url.rstrip("/"))
    return from_environment(env)


def trust(given: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Only our own APNs simulator stands on our own root certificate."""
    if given.get("WALLET_APNS_URL") or given.get("WALLET_APNS_CA_FILE"):
        return {}
    return {"WALLET_APNS_CA_FILE": str(_root(settings))}


def no_proxy(given: Mapping[str, str]) -> dict[str, str]:
    """Our own programs find each other directly, whatever proxy leads outside."""
    direct = ",".join(filter(None, (given.get("no_proxy"), given.get("NO_PROXY"), f"localhost,{LOOPBACK}")))
    return {"no_proxy": direct, "NO_PROXY": direct}


def children(ports: Ports, given: Mapping[str, str], settings: Settings) -> list[Child]:
    started = [_web(ports, settings), _worker()]
    if not given.get("WALLET_APNS_URL"):
        started.insert(0, _apns(ports, settings))
    if _plays_google(given, settings):
        started.insert(0, _google(ports, settings))
    if not given.get("WALLET_PHONE_URL"):
        started.append(_phone(ports, settings))
    return started


def _apns(ports: Ports, settings: Settings) -> Child:
    papers = settings.certs_dir / SANDBOX
    options = {
        "--port": ports.apns,
        "--control-port": ports.apns_control,
        "--cert": papers / "server.pem",
        "--key": papers / "server.key",
        "--client-ca": _root(settings),
        "--state": settings.data_dir / "apns-subscribers.json",
    }
    return Child("APNs simulator", _python("simulators.apns", options), (ports.apns, ports.apns_control))


def _plays_google(given: Mapping[str, str], settings: Settings) -> bool:
    elsewhere = any(given.get(name) for name in (*REAL_GOOGLE, "WALLET_GOOGLE_API_URL"))
    return settings.google is not None and not elsewhere


def _google(ports: Ports, settings: Settings) -> Child:
    assert settings.google is not None
    options = {
        "--port": ports.google,
        "--state": settings.data_dir / "google",
        "--service-account": settings.google.service_account_file,
        "--issuer-id": settings.google.issuer_id,
        "--image-host": urlsplit(settings.public_url).hostname or LOOPBACK,
        "--join-url": f"{settings.public_url}/join/{DEMO_PROGRAM}",
    }
    command = [*_python("simulators.google_wallet", options), "--allow-http"]
    return Child("Google Wallet simulator", command, (ports.google,))


def _web(ports: Ports, settings: Settings) -> Child:
    limits = ["--workers-kill-timeout", "5"]  # a request that hangs must not hang Ctrl-C
    return Child(
        "web service", [*web_command(ports.web), *limits], (ports.web,), f"{settings.public_url}/healthz"
    )


def web_command(port: int, application: str = "wsgi:app") -> list[str]:
    """As docs/operations.md tells it."""
    options = {
        "--interface": "wsgi",
        "--host": LOOPBACK,
        "--port": port,
        "--backpressure": WAITING,
        "--blocking-threads": WAITING,
    }
    return [*_python("granian", options), "--no-ws", application]


def _worker() -> Child:
    return Child("worker", [sys.executable, "-m", "flask", "--app", "wallet_service", "wallet", "worker"])


def _phone(ports: Ports, settings: Settings) -> Child:
    options = {
        "--port": ports.phone,
        "--root-ca": _root(settings),
        "--apns-control": f"http://{LOOPBACK}:{ports.apns_control}",
        "--state": settings.data_dir / "phone",
        "--join-url": f"{settings.public_url}/join/{DEMO_PROGRAM}",
    }
    host = urlsplit(settings.public_url).hostname or LOOPBACK
    command = [*_python("simulators.iphone", options), "--allow-http", "--allow-host", host]
    return Child("phone", command, (ports.phone,))


def _python(module: str, options: Mapping[str, object]) -> list[str]:
    words = [str(word) for pair in options.items() for word in pair]
    return [sys.executable, "-m", module, *words]


def _root(settings: Settings) -> Path:
    return settings.certs_dir / SANDBOX / "root.pem"


def _welcome(settings: Settings, ready: Ready) -> None:
    base = settings.public_url
    click.echo(f"Join    {base}/join/{DEMO_PROGRAM}")
    click.echo(f"Till    {base}/till    cashier's PIN {ready.pin}")
    android = f"    Android {settings.google.api_url}/" if settings.google else ""
    click.echo(f"Phone   {settings.phone_url}/{android}")
    click.echo(f"Office  {base}/office    PIN {ready.office_pin}    API key {ready.api_key}")
    click.echo("Ctrl-C stops all.")
