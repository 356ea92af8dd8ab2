"""How far long work is: a bar on a terminal, plain lines elsewhere; always beside what the command says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

LINES = 10
"""As many plain lines tell of the whole work."""


class Progress(Protocol):
    def on(self, done: int) -> None:
        """So much more is done."""

    def say(self, line: str) -> None:
        """A line of the command's own."""


@contextmanager
def progress(label: str, total: int, things: str) -> Iterator[Progress]:
    """On standard error, so that what is said can be piped."""
    if not sys.stderr.isatty():
        yield _Lines(label, total, things)
        return
    with click.progressbar(length=max(total, 1), label=label, file=sys.stderr) as bar:
        yield _Bar(bar)


class _Bar:
    def __init__(self, bar: click._termui_impl.ProgressBar[int]) -> None:
        self._bar = bar

    def on(self, done: int) -> None:
        self._bar.update(done)

    def say(self, line: str) -> None:
        click.echo("\r\033[K", err=True, nl=False)  # the bar is drawn again below
        click.echo(line)


class _Lines:
    def __init__(self, label: str, total: int, things: str) -> None:
        self._label, self._total, self._things = label, total, things
        self._done = self._told = 0

    def on(self, done: int) -> None:
        self._done += done
        if self._done * LINES >= self._total * (self._told + 1) and self._done:
            self._told = self._done * LINES // max(self._total, 1)
            click.echo(f"{self._label}: {self._done} of {self._total} {self._things}", err=True)

    def say(self, line: str) -> None:
        click.echo(line)
