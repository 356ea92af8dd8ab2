"""`flask wallet incident`: the facts that a notice of a breach needs, in one file that names nobody."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import click

from wallet_service.actions import audit, incident
from wallet_service.actions.back_up import last_made
from wallet_service.actions.incident import Span
from wallet_service.actions.services import Services
from wallet_service.actions.zipped import zipped
from wallet_service.apple.signing import certificate_files as files
from wallet_service.apple.signing import push_keys
from wallet_service.cli.handed_out import hand_out
from wallet_service.cli.opened import opened
from wallet_service.cli.who import who
from wallet_service.domain import chain
from wallet_service.domain.errors import Misconfigured
from wallet_service.settings import Settings
from wallet_service.web.languages import OURS, speaking
from wallet_service.web.office.incident_page import incident_page

CODE = Path(__file__).parents[1]
WRITTEN = (
    "{path} is written: incident.json, and a page in English and one in Russian to be printed. "
    "A notice is due within 24 hours (152-FZ) and 72 hours (GDPR) after you learnt of it."
)


class Moment(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Of UTC, unless it brings an offset."""
        try:
            moment = datetime.fromisoformat(str(value))
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("Write a time such as 2026-11-20T08:00 (UTC) or 2026-11-20T11:00+03:00.", param, ctx)


@click.group("incident")
def incident_group() -> None:
    """When data may have leaked."""


@incident_group.command("export")
@click.option("--since", type=Moment(), required=True, help="When it began, such as 2026-11-20T08:00 (UTC).")
@click.option("--until", type=Moment(), help="When it ended; now when left out.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Else named by its beginning.")
def export_command(since: datetime, until: datetime | None, out: Path | None) -> None:
    """Write what a notice of a breach needs: how many people, which data, audit, alarms, keys, releases."""
    with opened() as services:
        now = services.clock()
        found = facts(services, Span(since, until or now), now)
        with services.sessions.begin(in_quarantine=True) as session:
            audit.write(session, who(), "incident-exported", "installation", {}, now)
    path = out or Path(f"incident-{since:%Y%m%dT%H%M}.zip")
    hand_out(path, zipped(pages(found), now))
    click.echo(WRITTEN.format(path=path))


def facts(services: Services, span: Span, now: datetime) -> dict[str, Any]:
    """With those of this machine: its key files, its release, its backups."""
    settings = services.settings
    with services.sessions.read() as session:
        found = incident.facts(session, span)
    found["keys"]["files"] = [*_certificates(settings), *_other_keys(settings)]
    made = last_made(services, now)
    backups = {"newest": chain.moment(made), "encrypted": bool(settings.backup_key)}
    return {"made_at": chain.moment(now), **found, "backups": backups, "release": _release()}


def pages(found: dict[str, Any]) -> dict[str, bytes]:
    files = {"incident.json": json.dumps(found, ensure_ascii=False, indent=1).encode()}
    for code in OURS:
        with speaking(code):
            files[f"incident.{code}.html"] = incident_page(found).encode()
    return files


def _certificates(settings: Settings) -> Iterator[dict[str, Any]]:
    for pass_type in files.pass_types(settings.certs_dir):
        for path in files.certificate_files(settings.certs_dir, pass_type):
            yield {"name": f"{pass_type} {path.stem}"} | _lasting(path)


def _lasting(path: Path) -> dict[str, Any]:
    try:
        one = files.read_certificate(path)
    except Misconfigured:  # what is broken is part of the picture
        return {"since": _written(path), "until": None}
    return {"since": chain.moment(one.not_valid_before_utc), "until": chain.moment(one.not_valid_after_utc)}


def _other_keys(settings: Settings) -> Iterator[dict[str, Any]]:
    """By when their files were written, which is when they were put here."""
    for name in push_keys.names(settings.certs_dir):
        path = settings.certs_dir / push_keys.FOLDER / f"{name}.key"
        yield {"name": f"APNs {name}", "since": _written(path), "until": None}
    if settings.google and settings.google.service_account_file.exists():
        since = _written(settings.google.service_account_file)
        yield {"name": "Google service account", "since": since, "until": None}


def _written(path: Path) -> str | None:
    return chain.moment(datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _release() -> dict[str, Any]:
    """What ran: a digest of our code, and all packages with their versions, for lists of known weaknesses."""
    digest = sha256()
    for path in sorted(CODE.rglob("*.py")):
        digest.update(f"{path.relative_to(CODE)}\n".encode() + path.read_bytes())
    packages = {one.metadata["Name"]: one.version for one in distributions()}
    return {"code": digest.hexdigest(), "python": platform.python_version(), "packages": packages}
