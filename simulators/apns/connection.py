"""One HTTP/2 connection of this APNs: frames in, frames out, and every way to misbehave with them."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from uuid import uuid4

from cryptography import x509
from cryptography.x509.oid import NameOID
from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from simulators.apns.house import House, Said
from simulators.apns.provider_tokens import Visitor
from simulators.apns.rules import LONGEST_PAYLOAD, Credential, Request
from simulators.apns.tls import Drip, Tls

_LINGER = 0.05  # seconds between the last answer after a GOAWAY and the end


@dataclass
class Stream:
    headers: tuple[tuple[str, str], ...]
    body: bytearray = field(default_factory=bytearray)
    outgoing: bytes = b""


class _OurSettings(Settings):
    """h2 ends the connection over one stream too many; RFC 9113 5.1.2 lets us refuse the stream."""

    @property
    def max_concurrent_streams(self) -> int:
        return 2**31

    @max_concurrent_streams.setter
    def max_concurrent_streams(self, value: int) -> None:
        self[SettingCodes.MAX_CONCURRENT_STREAMS] = value


class Connection(asyncio.Protocol):
    def __init__(self, house: House) -> None:
        self._house = house
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._streams: dict[int, Stream] = {}
        self._taken = 0
        self._number = 0
        self._last: int | None = None  # after GOAWAY: streams above it are not ours any more (N16)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._drip = Drip(transport, lambda: self._house.knobs.byte_per_second)
        self._tls = Tls(self._house.tls, self._drip.write)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self._house.open.discard(self)
        self._drip.stop()

    def data_received(self, data: bytes) -> None:
        if not self._tls.ready and self._house.knobs.spend("cut_handshakes"):
            self._transport.abort()
            return
        try:
            plain = self._tls.receive(data)
            if self._tls.ready and not self._number:
                self._greet()
            for event in self._h2.receive_data(plain) if plain else []:
                self._see(event)
            self._flush()
        except ProtocolError:
            self._flush()
            self._transport.close()
        except (ssl.SSLError, PermissionError):
            self._transport.close()  # the alert is on its way

    def _greet(self) -> None:
        if self._tls.session.selected_alpn_protocol() != "h2":
            raise PermissionError("HTTP/2 only")  # N1
        history = self._house.history
        history.connections += 1
        history.opened += 1
        history.tls = self._tls.session.version() or ""
        self._number = history.opened
        self._visitor = Visitor(_credential(self._tls.session))
        self._house.open.add(self)
        self._most = self._allowed()
        most = {SettingCodes.MAX_CONCURRENT_STREAMS: self._most}
        self._h2.local_settings = _OurSettings(client=False, initial_values=most)
        self._h2.initiate_connection()
        self._flush()

    def _allowed(self) -> int:
        """N15: one, until a token was accepted."""
        return self._house.knobs.max_streams if self._visitor.known else 1

    def _see(self, event: events.Event) -> None:
        match event:
            case events.RequestReceived():
                self._begin(event)
            case events.DataReceived():
                self._read(event)
            case events.StreamEnded():
                self._ended(event.stream_id)
            case events.WindowUpdated():
                self._window_opened(event.stream_id)
            case events.StreamReset():
                self._forget(event.stream_id)
            case events.SettingsAcknowledged():
                self._most = self._allowed()  # what came before was sent in good faith
            case events.PriorityUpdated():
                self._house.history.priority_frames += 1  # N15: Apple wants none
            case events.ConnectionTerminated():
                self._transport.close()

    def _begin(self, event: events.RequestReceived) -> None:
        if self._last is not None:
            return  # the client reads GOAWAY and sends it elsewhere
        if len(self._streams) >= self._most:
            self._house.history.refused_streams += 1
            self._h2.reset_stream(event.stream_id, ErrorCodes.REFUSED_STREAM)  # N15
            return
        self._streams[event.stream_id] = Stream(tuple((str(n), str(v)) for n, v in event.headers))
        self._house.history.most_streams = max(self._house.history.most_streams, len(self._streams))
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
        self._tls.send(frame.serialize())
        self._close_when_done()

    def _read(self, event: events.DataReceived) -> None:
        self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        if stream := self._streams.get(event.stream_id):
            stream.body += event.data[: LONGEST_PAYLOAD + 1 - len(stream.body)]

    def _ended(self, stream_id: int) -> None:
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        request, knobs = _request(stream), self._house.knobs
        if knobs.spend("cut"):
            self._say_nothing(request, "cut")
            self._transport.abort()
        elif knobs.spend("reset"):
            self._say_nothing(request, "reset")
            self._h2.reset_stream(stream_id, knobs.reset_code)
            self._forget(stream_id)
        elif knobs.hangs(request.token):
            self._say_nothing(request, "hung")
        elif knobs.delay_ms:
            later = asyncio.get_running_loop().call_later
            later(knobs.delay_ms / 1000, self._answer_late, stream_id, request)
        else:
            self._answer(stream_id, request)

    def _say_nothing(self, request: Request, why: str) -> None:
        self._house.note(request, Said(0, reason=why), request.header("apns-id") or "", self._number)

    def _answer_late(self, stream_id: int, request: Request) -> None:
        if stream_id in self._streams and not self._transport.is_closing():
            self._answer(stream_id, request)
            self._flush()

    def _answer(self, stream_id: int, request: Request) -> None:
        stranger = not self._visitor.known
        said = self._house.judge(request, self._visitor)
        if stranger and self._visitor.known:
            self.set_most_streams(self._house.knobs.max_streams)
        apns_id = request.header("apns-id") or str(uuid4()).upper()
        self._house.note(request, said, apns_id, self._number, self._visitor.key_id)
        head = [(":status", str(said.status)), ("apns-id", apns_id)]
        if said.body:
            head.append(("content-type", "application/json"))
        self._h2.send_headers(stream_id, head, end_stream=not said.body)
        self._streams[stream_id].outgoing = said.body
        self._send_body(stream_id)

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

    def _forget(self, stream_id: int) -> None:
        self._streams.pop(stream_id, None)
        self._close_when_done()

    def _close_when_done(self) -> None:
        if self._last is not None and not self._streams:
            self._flush()
            asyncio.get_running_loop().call_later(_LINGER, self._transport.close)

    def set_most_streams(self, most: int) -> None:
        if not self._visitor.known:
            return
        self._h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: most})
        self._flush()

    def _flush(self) -> None:
        if data := self._h2.data_to_send():
            self._tls.send(data)


def _request(stream: Stream) -> Request:
    pseudo = dict(stream.headers)
    plain = tuple((name, value) for name, value in stream.headers if not name.startswith(":"))
    return Request(pseudo.get(":method", ""), pseudo.get(":path", ""), plain, bytes(stream.body))


def _credential(session: ssl.SSLObject) -> Credential | None:
    der = session.getpeercert(binary_form=True)
    if der is None:
        return None
    certificate = x509.load_der_x509_certificate(der)
    topics = certificate.subject.get_attributes_for_oid(NameOID.USER_ID)
    return Credential(str(topics[0].value) if topics else "", certificate.not_valid_after_utc)
