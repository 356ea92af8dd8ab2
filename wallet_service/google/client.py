"""The one seam to Google Wallet's REST interface: a call goes out, an answer with its meaning comes back."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, ReadTimeoutError

from wallet_service import metrics
from wallet_service.domain.errors import Misconfigured, Unavailable
from wallet_service.google.account import Account
from wallet_service.google.answers import Answer, Verdict, answered
from wallet_service.settings import GoogleSettings

log = logging.getLogger(__name__)

PATH = "/walletobjects/v1"
DEADLINE = 10.0  # seconds for a whole call
CONNECT = 5.0
LARGEST = 1_000_000
PIECE = 65_536
LINES = 16  # connections kept open

Body = Mapping[str, Any]
Heard = Callable[[str, str | None], None]
"""Told of each answer: the address that was asked, and its Date."""


class Pacing(Protocol):
    """`wait` returns when the next call may go out."""

    def wait(self) -> None: ...

    def slow_down(self, seconds: float) -> None: ...

    def went_well(self) -> None: ...


class GoogleClient:
    """Safe for several threads. Calls are safe to repeat: states are absolute, inserts take a 409."""

    def __init__(
        self,
        settings: GoogleSettings,
        pace: Pacing,
        *,
        deadline: float = DEADLINE,
        heard: Heard = lambda _url, _date: None,
    ) -> None:
        self.issuer_id = settings.issuer_id
        self._base = settings.api_url + PATH
        self._pace, self._deadline = pace, deadline
        self._session = plain_session(settings.api_url)
        self._session.hooks["response"].append(
            lambda answer, **_: heard(answer.url, answer.headers.get("Date"))
        )
        self.account = Account(settings.service_account_file, self._session)

    def insert_class(self, body: Body) -> Answer:
        return _about(body, self._call("POST", "/loyaltyClass", body))

    def patch_class(self, body: Body) -> Answer:
        return _about(body, self._call("PATCH", _named("loyaltyClass", body["id"]), body))  # G11: never PUT

    def get_class(self, class_id: str) -> Answer:
        return self._call("GET", _named("loyaltyClass", class_id))

    def insert_object(self, body: Body) -> Answer:
        return _of_insert(_about(body, self._call("POST", "/loyaltyObject", body)))

    def patch_object(self, body: Body) -> Answer:
        return _about(body, self._call("PATCH", _named("loyaltyObject", body["id"]), body))

    def get_object(self, object_id: str) -> Answer:
        return self._call("GET", _named("loyaltyObject", object_id))

    def add_message(self, object_id: str, body: Body) -> Answer:
        """The one call that is not safe to repeat: see `messages`."""
        return self._call("POST", f"{_named('loyaltyObject', object_id)}/addMessage", body)

    def get_issuer(self) -> Answer:
        return self._call("GET", _named("issuer", self.issuer_id))

    def close(self) -> None:
        self._session.close()

    def _call(self, verb: str, path: str, body: Body | None = None) -> Answer:
        """401: the token is dropped, bought anew once, and the call repeated once."""
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        answer = self._with_token(verb, path, content)
        if answer.verdict is Verdict.TOKEN:
            answer = self._with_token(verb, path, content)
        if answer.verdict is Verdict.TOKEN:
            answer = Answer(Verdict.CREDENTIAL, answer.status, answer.reason, answer.message)
        metrics.GOOGLE_CALLS.inc(answer.verdict.value)
        self._keep_pace(answer)
        return answer

    def _with_token(self, verb: str, path: str, content: bytes | None) -> Answer:
        try:
            bearer = self.account.bearer()
        except Misconfigured as error:
            return Answer(Verdict.CREDENTIAL, 0, "no token", error.detail)
        except Unavailable as error:
            return Answer(Verdict.UNKNOWN, 0, "no token", error.detail)
        answer = self._send(verb, path, content, bearer)
        if answer.verdict is Verdict.TOKEN:
            self.account.drop(bearer)
        return answer

    def _send(self, verb: str, path: str, content: bytes | None, bearer: str) -> Answer:
        self._pace.wait()
        until = time.monotonic() + self._deadline
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        try:
            with self._session.request(
                verb,
                self._base + path,
                data=content,
                headers=headers,
                timeout=(min(CONNECT, self._deadline), self._deadline),
                allow_redirects=False,
                stream=True,
            ) as response:
                read = read_within(response, until)
                return answered(response.status_code, read, response.headers.get("Retry-After"))
        except requests.Timeout:
            return Answer(Verdict.UNKNOWN, 0, "timeout")
        except (requests.RequestException, OSError) as error:
            return Answer(Verdict.UNKNOWN, 0, type(error).__name__)
        except TooLong as error:
            return Answer(Verdict.UNKNOWN, 0, str(error))

    def _keep_pace(self, answer: Answer) -> None:
        if answer.verdict is Verdict.SLOW_DOWN:
            log.warning("Google asks us to slow down: %s", answer.told)
            self._pace.slow_down(float(answer.retry_after or 1))
        elif answer.verdict is Verdict.DONE:
            self._pace.went_well()


class TooLong(Exception):
    """An answer that never ends, or that no answer of Google's is as long as."""


def read_within(answer: requests.Response, until: float, largest: int = LARGEST) -> bytes:
    """As it comes, so that a line that gives a byte a second does not outlast the deadline."""
    content = b""
    try:
        while piece := answer.raw.read1(PIECE, decode_content=True):
            content += piece
            if len(content) > largest:
                raise TooLong("an answer that is far too long")
            if time.monotonic() > until:
                raise TooLong("timeout")
    except ReadTimeoutError as silence:
        raise requests.Timeout from silence
    except HTTPError as broken:
        raise requests.ConnectionError(type(broken).__name__) from broken
    return content


def _about(sent: Body, answer: Answer) -> Answer:
    """Google answers with what it holds now; a yes that speaks of something else is not believed."""
    if answer.verdict is not Verdict.DONE or answer.body.get("id") == sent["id"]:
        return answer
    return Answer(Verdict.UNKNOWN, answer.status, "unreadable", "The answer is not about what was sent.")


def _of_insert(answer: Answer) -> Answer:
    """What an insert does not find can only be the class."""
    if answer.verdict is not Verdict.OBJECT_GONE:
        return answer
    return Answer(Verdict.CLASS_GONE, answer.status, answer.reason, answer.message)


def _named(resource: str, name: object) -> str:
    return f"/{resource}/{quote(str(name), safe='')}"


def plain_session(url: str) -> requests.Session:
    """The machine's proxy is looked up once, not with every call; nobody's cookies, nobody's .netrc."""
    session = requests.Session()
    session.trust_env = False
    session.proxies.update(get_environ_proxies(url))
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=LINES)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
