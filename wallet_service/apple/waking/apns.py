"""Wake phones: one long-lived HTTP/2 connection to APNs that carries many pushes at once (N14)."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from time import monotonic, sleep
from typing import Self

import pycurl

from wallet_service.apple.waking import apns_failures
from wallet_service.apple.waking.apns_answers import Answer, Push, Verdict, no_answer
from wallet_service.apple.waking.apns_failures import Failure, Kind
from wallet_service.apple.waking.apns_line import Line
from wallet_service.apple.waking.apns_stream import Headers, Papers, Stream
from wallet_service.apple.waking.provider_token import OF_TOKENS, ProviderToken
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Misconfigured

PRODUCTION = "https://api.push.apple.com:443"  # N1: passes have no sandbox
DEADLINE = 10.0  # seconds for one push
KEPT_FOR = timedelta(days=7)  # N7: a phone that is off gets its one wake-up when it is back

_WORTH_A_SECOND_TRY = {Kind.BROKEN, Kind.RESET}
_DOUBTFUL = {Kind.BROKEN, Kind.SILENT}  # an outage, unless the same connection answered others meanwhile


class Apns:
    """Our side of APNs for one certificate, or for one key whose tokens stand in for it (N6).

    Belongs to one thread of one process and is made after any fork. An answer should be put aside quickly:
    while the caller works on it nothing is sent or received.
    """

    def __init__(
        self,
        *,
        url: str = PRODUCTION,
        certificate: Path | None = None,
        key: Path | None = None,
        passphrase: bytes | None = None,
        token: ProviderToken | None = None,
        ca_file: Path | None = None,
        timeout: float = DEADLINE,
        max_streams: int = 100,
        kept_for: timedelta = KEPT_FOR,
        push_type: str = "background",
        priority: int = 5,
    ) -> None:
        """An empty `push_type` or a `priority` of 0 is left out of the request (N8)."""
        self._url = url.rstrip("/") + "/3/device/"
        self._papers: Papers = (certificate, key, passphrase) if certificate and key else None
        self._token, self._ca_file = token, ca_file
        self._timeout = timeout
        self._max_streams = max_streams
        self._at_once = max(max_streams // 3, 1)  # while we read these answers, APNs works on the rest
        self._kept_for = kept_for
        self._push_type, self._priority = push_type, priority
        self._open()

    def _open(self) -> None:
        self._files = self._file_stamps()
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_MULTIPLEX)
        self._multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, 1)
        self._multi.setopt(pycurl.M_MAX_CONCURRENT_STREAMS, self._max_streams)  # N15: or fewer, as APNs says
        self._line = Line()
        self._idle: list[Stream] = []
        self._busy: dict[pycurl.Curl, Stream] = {}
        self._heard_at = monotonic()
        self._settled = False

    def _file_stamps(self) -> list[tuple[int, int, int]]:
        return [_stamp(path) for path in (*(self._papers or ())[:2], self._ca_file) if path]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._give_up()
        for stream in self._idle:
            stream.curl.close()
        self._idle.clear()
        self._multi.close()
        self._line.close()

    def send(self, pushes: Iterable[Push], now: datetime) -> Generator[Answer, None, None]:
        """Answer each push exactly once, as the answers come. Closing the iterator gives up what is left.

        When no connection can be had, or APNs refuses who we say we are, what is left is answered at once:
        knocking a thousand times at a closed door helps nobody (N14).
        """
        self._renew_if_replaced()
        self._settled = False
        headers = Headers(self._push_type, self._priority, now + self._kept_for, self._token_at(now))
        waiting = iter(pushes)
        try:
            while self._fill(waiting, headers):
                answers, outage = self._drive(headers, now)
                yield from answers
                if outage:
                    yield from self._hang_up(waiting, outage)
                elif refused := _refused(
                    answers
                ):  # who is on the way hears for itself; the connection is sound
                    yield from _unsent(waiting, refused)
        finally:
            self._give_up()

    def _token_at(self, now: datetime) -> str:
        return self._token.at(now) if self._token else ""

    def _renew_if_replaced(self) -> None:
        """N17: a replaced certificate goes out on a new connection; the old one has no work left."""
        if self._file_stamps() != self._files:
            self._reconnect()

    def _reconnect(self) -> None:
        self.close()
        self._open()

    def _fill(self, waiting: Iterator[Push], headers: Headers) -> int:
        """N15: the first push goes alone, to hear what APNs allows; libcurl holds back what is too many."""
        wanted = self._max_streams if self._settled else 1
        started_at = monotonic()
        for push in islice(waiting, max(wanted - len(self._busy), 0)):
            stream = self._idle.pop() if self._idle else self._new_stream()
            stream.load(push, headers, started_at)
            self._busy[stream.curl] = stream
            self._multi.add_handle(stream.curl)
        return len(self._busy)

    def _new_stream(self) -> Stream:
        stream = Stream(self._url, self._papers, self._ca_file, self._timeout)
        stream.curl.setopt(pycurl.OPENSOCKETFUNCTION, self._line.open)
        return stream

    def _drive(self, headers: Headers, now: datetime) -> tuple[list[Answer], Failure | None]:
        """Move bytes until something is done."""
        while True:
            with self._line.held():
                self._multi.perform()
            done, failed = self._finished()
            if done or failed:
                answers = self._collect(done, headers, now)
                return self._sort_out(failed, answers, headers)
            if self._multi.select(1.0) == -1:
                sleep(0.005)  # nothing to wait for yet: libcurl is still looking up the host

    def _finished(self) -> tuple[list[pycurl.Curl], list[tuple[pycurl.Curl, int, str]]]:
        """Some of them; all when one failed, for then the connection is judged by what it brought."""
        _, done, failed = self._multi.info_read(self._at_once)
        if failed:
            _, more, worse = self._multi.info_read()
            return done + more, failed + worse
        return done, failed

    def _collect(self, done: list[pycurl.Curl], headers: Headers, now: datetime) -> list[Answer]:
        if done:
            self._heard_at = monotonic()
        answers = []
        for curl in done:
            stream = self._busy[curl]
            answer = stream.answer()
            if answer.reason in OF_TOKENS and self._has_newer_token(stream, headers, now):
                self._send_again(stream, headers)
            else:
                self._take_back(curl)
                answers.append(answer)
        self._settled |= bool(answers)
        return answers

    def _has_newer_token(self, stream: Stream, headers: Headers, now: datetime) -> bool:
        """N10: a refused token is made anew once; whoever set out with the old one goes again."""
        if self._token is None or stream.second_try:
            return False
        if stream.badge == headers.badge and self._token.renew(now):
            headers.authorise(self._token.at(now))
        return stream.badge != headers.badge

    def _take_back(self, curl: pycurl.Curl) -> Stream:
        self._multi.remove_handle(curl)
        stream = self._busy.pop(curl)
        self._idle.append(stream)
        return stream

    def _sort_out(
        self, failed: list[tuple[pycurl.Curl, int, str]], answers: list[Answer], headers: Headers
    ) -> tuple[list[Answer], Failure | None]:
        """A broken stream goes out once more (N16); a connection that only swallows is an outage."""
        outage = None
        for curl, code, message in failed:
            stream, failure = self._busy[curl], apns_failures.read(code, message)
            if failure.kind in _WORTH_A_SECOND_TRY and not stream.second_try:
                self._send_again(stream, headers)
                continue
            if self._is_outage(failure, stream):
                outage = failure
            answers.append(no_answer(self._take_back(curl).push, failure.why, failure.verdict))
        return answers, outage

    def _send_again(self, stream: Stream, headers: Headers) -> None:
        self._multi.remove_handle(stream.curl)
        stream.load_again(headers)
        self._multi.add_handle(stream.curl)

    def _is_outage(self, failure: Failure, stream: Stream) -> bool:
        heard_meanwhile = self._heard_at >= stream.started_at
        return failure.kind is Kind.UNREACHABLE or (failure.kind in _DOUBTFUL and not heard_meanwhile)

    def _hang_up(self, waiting: Iterator[Push], outage: Failure) -> Iterator[Answer]:
        """All that is left hears of the outage; the next batch starts on a connection of its own."""
        on_the_way = [stream.push for stream in self._busy.values()]
        self._reconnect()
        yield from _unsent((*on_the_way, *waiting), outage)

    def _give_up(self) -> None:
        for curl, stream in self._busy.items():
            self._multi.remove_handle(curl)
            self._idle.append(stream)
        self._busy.clear()


def _unsent(pushes: Iterable[Push], why: Failure) -> Iterator[Answer]:
    for push in pushes:
        yield no_answer(push, why.why, why.verdict)


def _refused(answers: Iterable[Answer]) -> Failure | None:
    """The 403 family (N10): the next push would hear the same."""
    no = (answer for answer in answers if answer.verdict is Verdict.CREDENTIAL)
    return next((Failure(Kind.UNREACHABLE, answer.reason, answer.verdict) for answer in no), None)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except OSError as error:
        why = f"The file {path}, needed to reach APNs, cannot be read; see `flask wallet certs status`."
        raise Misconfigured(Detail(why, "apns/no-file", path=str(path))) from error
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
