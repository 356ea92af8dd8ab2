"""One HTTP/2 connection of this APNs, and the house that all connections share."""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.x509.oid import NameOID
from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from simulators.apns.history import Entry, History
from simulators.apns.knobs import Knobs
from simulators.apns.reasons import STATUS_OF
from simulators.apns.rules import Credential, Request, refusal


class House:
    """What outlives a connection: history, knobs, and the connections themselves."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.knobs = Knobs()
        self.open: set[Connection] = set()

    def turn(self, settings: dict[str, Any]) -> None:
        self.knobs.turn(settings)
        self._tell_most_streams()

    def behave(self) -> None:
        self.knobs = Knobs()
        self._tell_most_streams()

    def _tell_most_streams(self) -> None:
        for connection in self.open:
            connection.set_most_streams(self.knobs.max_streams)  # N15


@dataclass
class Stream:
    headers: tuple[tuple[str, str], ...] = ()
    body: bytearray = field(default_factory=bytearray)
    outgoing: bytes = b""


@dataclass(frozen=True)
class Said:
    status: int
    body: bytes = b""
    reason: str = ""


class Connection(asyncio.Protocol):
    def __init__(self, house: House) -> None:
        self._house = house
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._streams: dict[int, Stream] = {}
        self._taken = 0
        self._last: int | None = None  # after GOAWAY: streams above it are not ours any more (N16)
        self._dripping: asyncio.Task[None] | None = None
        self._drip: bytearray = bytearray()

    # -- the transport's calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        tls: ssl.SSLObject = transport.get_extra_info("ssl_object")
        if tls.selected_alpn_protocol() != "h2":
            return transport.abort()
        self._credential = _credential(tls)
        self._house.open.add(self)
        self._house.history.connections += 1
        self._house.history.tls = tls.version() or ""
        self._number = self._house.history.connections
        most = {SettingCodes.MAX_CONCURRENT_STREAMS: self._house.knobs.max_streams}
        self._h2.local_settings = Settings(client=False, initial_values=most)
        self._h2.initiate_connection()
        self._flush()
        return None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._house.open.discard(self)
        if self._dripping:
            self._dripping.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            for event in self._h2.receive_data(data):
                self._see(event)
        except ProtocolError:
            self._flush()
            self._transport.close()
            return
        self._flush()

    # -- what the client does

    def _see(self, event: events.Event) -> None:
        if isinstance(event, events.RequestReceived):
            self._begin(event)
        elif isinstance(event, events.DataReceived):
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if stream := self._streams.get(event.stream_id):
                stream.body += event.data[: 10_000 - len(stream.body)]
        elif isinstance(event, events.StreamEnded):
            self._ended(event.stream_id)
        elif isinstance(event, events.WindowUpdated):
            self._window_opened(event.stream_id)
        elif isinstance(event, events.StreamReset):
            self._forget(event.stream_id)
        elif isinstance(event, events.PriorityUpdated):
            self._house.history.priority_frames += 1
        elif isinstance(event, events.ConnectionTerminated):
            self._transport.close()

    def _begin(self, event: events.RequestReceived) -> None:
        if self._last is not None:
            return  # the client reads GOAWAY and sends it elsewhere
        self._streams[event.stream_id] = Stream(tuple((str(n), str(v)) for n, v in event.headers))
        history = self._house.history
        history.most_streams = max(history.most_streams, len(self._streams))
        self._taken += 1
        if self._house.knobs.goaway_after and self._taken >= self._house.knobs.goaway_after:
            self._go_away(event.stream_id)

    def _go_away(self, stream_id: int) -> None:
        """N16. Written past h2, which would not let the streams that are left finish."""
        self._last = max(stream_id - 2 * self._house.knobs.goaway_takes_back, 0)
        for refused in [number for number in self._streams if number > self._last]:
            del self._streams[refused]
        self._house.history.goaways += 1
        self._flush()
        frame = GoAwayFrame(last_stream_id=self._last, additional_data=b'{"reason":"Shutdown"}')
        self._write(frame.serialize())
        self._close_when_done()

    def _ended(self, stream_id: int) -> None:
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        named = dict(stream.headers)
        plain = tuple((n, v) for n, v in stream.headers if not n.startswith(":"))
        request = Request(named.get(":method", ""), named.get(":path", ""), plain, bytes(stream.body))
        knobs = self._house.knobs
        if knobs.spend("cut"):
            self._note(request, Said(0, reason="cut"))
            self._transport.abort()
        elif knobs.spend("reset"):
            self._note(request, Said(0, reason="reset"))
            self._h2.reset_stream(stream_id, knobs.reset_code)
            self._forget(stream_id)
        elif knobs.hangs(request.token):
            self._note(request, Said(0, reason="hung"))
        elif knobs.delay_ms:
            loop = asyncio.get_running_loop()
            loop.call_later(knobs.delay_ms / 1000, self._answer_late, stream_id, request)
        else:
            self._answer(stream_id, request)

    # -- what we do

    def _answer_late(self, stream_id: int, request: Request) -> None:
        if stream_id in self._streams and not self._transport.is_closing():
            self._answer(stream_id, request)
            self._flush()

    def _answer(self, stream_id: int, request: Request) -> None:
        said = self._verdict(request)
        apns_id = request.header("apns-id") or str(uuid4()).upper()
        self._note(request, said, apns_id)
        head = [(":status", str(said.status)), ("apns-id", apns_id)]
        if not said.body:
            self._h2.send_headers(stream_id, head, end_stream=True)
            return self._forget(stream_id)
        self._h2.send_headers(stream_id, [*head, ("content-type", "application/json")])
        self._streams[stream_id].outgoing = said.body
        self._send_body(stream_id)
        return None

    def _verdict(self, request: Request) -> Said:
        if self._house.knobs.spend("empty_500"):
            return Said(500)
        scripted = self._house.knobs.scripted(request.token)
        if scripted and scripted.body is not None:
            return Said(scripted.status, scripted.body.encode(), scripted.reason)
        if scripted and scripted.body_bytes:
            return Said(scripted.status, b" " * scripted.body_bytes, scripted.reason)
        if scripted:
            return _says(scripted.status, scripted.reason, scripted.timestamp)
        reason = refusal(request, self._credential, datetime.now(UTC))
        return _says(STATUS_OF[reason], reason) if reason else Said(200)

    def _send_body(self, stream_id: int) -> None:
        stream = self._streams[stream_id]
        while stream.outgoing:
            room = min(self._h2.local_flow_control_window(stream_id), self._h2.max_outbound_frame_size)
            if room <= 0:
                return
            chunk, stream.outgoing = stream.outgoing[:room], stream.outgoing[room:]
            self._h2.send_data(stream_id, chunk, end_stream=not stream.outgoing)
        self._forget(stream_id)

    def _window_opened(self, stream_id: int) -> None:
        for number in [stream_id] if stream_id else list(self._streams):
            if number in self._streams and self._streams[number].outgoing:
                self._send_body(number)

    def _note(self, request: Request, said: Said, apns_id: str = "") -> None:
        self._house.history.add(
            Entry(
                token=request.token,
                topic=request.header("apns-topic"),
                id=apns_id or request.header("apns-id") or "",
                expiration=request.header("apns-expiration"),
                priority=request.header("apns-priority"),
                push_type=request.header("apns-push-type"),
                body=request.body[:100].decode("latin-1"),
                status=said.status,
                reason=said.reason,
                received_at=datetime.now(UTC).isoformat(),
                connection=self._number,
            )
        )

    def _forget(self, stream_id: int) -> None:
        self._streams.pop(stream_id, None)
        self._close_when_done()

    def _close_when_done(self) -> None:
        if self._last is not None and not self._streams:
            self._flush()
            asyncio.get_running_loop().call_later(0.05, self._transport.close)

    def set_most_streams(self, most: int) -> None:
        self._h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: most})
        self._flush()

    def _flush(self) -> None:
        if data := self._h2.data_to_send():
            self._write(data)

    def _write(self, data: bytes) -> None:
        if not self._house.knobs.byte_per_second and not self._drip:
            return self._transport.write(data)
        self._drip += data
        if self._dripping is None or self._dripping.done():
            self._dripping = asyncio.create_task(self._drip_on())
        return None

    async def _drip_on(self) -> None:
        while self._drip and self._house.knobs.byte_per_second:
            self._transport.write(bytes(self._drip[:1]))
            del self._drip[:1]
            await asyncio.sleep(1)
        self._transport.write(bytes(self._drip))
        self._drip.clear()


def _says(status: int, reason: str, timestamp: int | None = None) -> Said:
    words: dict[str, str | int] = {"reason": reason} if reason else {}
    if timestamp is not None:
        words["timestamp"] = timestamp
    return Said(status, json.dumps(words).encode() if words and status != 200 else b"", reason)


def _credential(tls: ssl.SSLObject) -> Credential:
    der = tls.getpeercert(binary_form=True)
    assert der is not None  # CERT_REQUIRED
    certificate = x509.load_der_x509_certificate(der)
    topics = certificate.subject.get_attributes_for_oid(NameOID.USER_ID)
    return Credential(str(topics[0].value) if topics else "", certificate.not_valid_after_utc)
