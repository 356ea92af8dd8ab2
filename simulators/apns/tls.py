"""TLS by hand, because asyncio's own drops the alert that tells a client why it is turned away."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

_NO_CHECK_TIME = 0x200000  # OpenSSL's X509_V_FLAG_NO_CHECK_TIME: an expired certificate gets Apple's 403


def context(certificate: Path, key: Path, client_ca: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2  # N1
    made.set_alpn_protocols(["h2"])
    made.load_cert_chain(certificate, key)
    made.load_verify_locations(client_ca)
    made.verify_mode = ssl.CERT_OPTIONAL  # N5, N6: who shows none needs a token
    made.verify_flags = ssl.VerifyFlags(made.verify_flags | _NO_CHECK_TIME)
    return made


class Tls:
    """Ciphertext in, plaintext out; raises ssl.SSLError once the handshake or the session has failed."""

    def __init__(self, context: ssl.SSLContext, write: Callable[[bytes], None]) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._write = write
        self.ready = False

    def receive(self, data: bytes) -> bytes:
        self._incoming.write(data)
        try:
            return self._read()
        finally:
            self.flush()

    def _read(self) -> bytes:
        plain = bytearray()
        try:
            if not self.ready:
                self.session.do_handshake()
                self.ready = True
            while chunk := self.session.read(65536):
                plain += chunk
        except ssl.SSLWantReadError:
            pass
        return bytes(plain)

    def send(self, plain: bytes) -> None:
        self.session.write(plain)
        self.flush()

    def flush(self) -> None:
        if data := self._outgoing.read():
            self._write(data)


class Drip:
    """Writes at once, or a byte a second while `slowly()`."""

    def __init__(self, transport: asyncio.Transport, slowly: Callable[[], bool]) -> None:
        self._transport = transport
        self._slowly = slowly
        self._waiting = bytearray()
        self._task: asyncio.Task[None] | None = None

    def write(self, data: bytes) -> None:
        if not self._waiting and not self._slowly():
            self._transport.write(data)
            return
        self._waiting += data
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._go_on())

    async def _go_on(self) -> None:
        while self._waiting and self._slowly():
            self._transport.write(bytes(self._waiting[:1]))
            del self._waiting[:1]
            await asyncio.sleep(1)
        self._transport.write(bytes(self._waiting))
        self._waiting.clear()

    def stop(self) -> None:
        if self._task:
            self._task.cancel()
