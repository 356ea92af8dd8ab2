"""A mail server in a process of its own, that keeps what it is given in a folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.services.ports import LOOPBACK, free_port

NAME, PASSWORD = "shop@example.com", "a secret"
TO = "X-Delivered-To"


@dataclass(frozen=True)
class Letters:
    """What a test sees of it."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.port}"

    @property
    def all(self) -> Sequence[EmailMessage]:
        found = sorted(self.folder.glob("*.eml"), key=lambda path: int(path.stem))
        return [message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default) for path in found]

    def to(self, place: int) -> list[str]:
        return str(self.all[place][TO]).split(", ")

    def fill(self) -> None:
        """From now on it takes no more."""
        (self.folder / "full").touch()

    def empty(self) -> None:
        (self.folder / "full").unlink()


@contextmanager
def server(folder: Path, *, secret: bool = False) -> Iterator[Letters]:
    """`secret`: it wants a name and a password."""
    folder.mkdir(parents=True)
    port = free_port()
    command = [sys.executable, "-m", "tests.services.mail", str(folder), str(port), *(["secret"] * secret)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"up\n"
        yield Letters(folder, port)
    finally:
        process.terminate()
        process.communicate()


class _Door:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if (self._folder / "full").exists():
            return "452 Too much mail"
        assert isinstance(envelope.content, bytes)
        place = len(list(self._folder.glob("*.eml")))
        head = f"{TO}: {', '.join(envelope.rcpt_tos)}\r\n".encode()
        (self._folder / f"{place}.new").write_bytes(head + envelope.content)
        (self._folder / f"{place}.new").rename(self._folder / f"{place}.eml")
        return "250 OK"


def _knows(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
    return AuthResult(success=given == LoginPassword(NAME.encode(), PASSWORD.encode()))


def main(folder: str, port: str, *secret: str) -> None:
    more: dict[str, Any] = {}
    if secret:
        more = {"authenticator": _knows, "auth_required": True, "auth_require_tls": False}
    Controller(_Door(Path(folder)), hostname=LOOPBACK, port=int(port), **more).start()
    print("up", flush=True)  # noqa: T201
    Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
