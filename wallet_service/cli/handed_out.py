"""A file that a command hands to whoever typed it."""

from __future__ import annotations

from pathlib import Path

import click

from wallet_service.apple.signing.certificate_files import write_private


def hand_out(path: Path, body: bytes) -> None:
    """Whole or not at all, and readable by nobody else."""
    try:
        write_private(path, body)
    except OSError as problem:
        raise click.ClickException(f"{path} cannot be written: {problem.strerror}.") from problem
