"""Commands about the keys of machines: a new one, which there are, away with one."""

from __future__ import annotations

from datetime import timedelta

import click

from wallet_service.actions import api_keys
from wallet_service.cli.opened import opened
from wallet_service.cli.who import who
from wallet_service.db.tables import ApiKey


@click.group("api-key")
def api_key_group() -> None:
    """Keys of tills and shops for the machine API."""


@api_key_group.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(api_keys.SCOPES),
    default=api_keys.SCOPES,
    help="What it may do; give it again for a second one. All when left out.",
)
@click.option("--store", metavar="SLUG", help="It books in this store and no other.")
@click.option("--expires", metavar="DAYS", type=click.IntRange(1, 3650), help="It ends after so many days.")
def create(name: str, scopes: tuple[str, ...], store: str | None, expires: int | None) -> None:
    """Print a new key for a machine, once."""
    with opened() as services, services.sessions.begin() as session:
        now = services.clock()
        key = api_keys.create_api_key(
            session,
            name=name,
            entropy=services.entropy,
            now=now,
            scopes=scopes,
            store=store,
            expires_at=now + timedelta(days=expires) if expires else None,
            actor=who(),
        )
    click.echo(key)


@api_key_group.command("list")
def list_keys() -> None:
    """One line each: name, how the key begins, what it may do, where, until when, and its last use."""
    with opened() as services, services.sessions.read() as session:
        for key in api_keys.api_keys(session):
            click.echo(_line(key))


@api_key_group.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """Let the key NAME open nothing from the next request on."""
    with opened() as services, services.sessions.begin() as session:
        api_keys.revoke_api_key(session, name=name, now=services.clock(), actor=who())
    click.echo(f"{name} opens nothing any more.")


def _line(key: ApiKey) -> str:
    told = [key.name, f"wk_{key.prefix}_…", key.scopes.replace(" ", ",")]
    told.append(f"store {key.store}" if key.store else "every store")
    if key.revoked_at:
        told.append(f"revoked {key.revoked_at:%Y-%m-%d}")
    elif key.expires_at:
        told.append(f"until {key.expires_at:%Y-%m-%d}")
    told.append(f"used {key.used_at:%Y-%m-%d %H:%M}" if key.used_at else "never used")
    return "  ".join(told)
