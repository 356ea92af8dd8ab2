"""The two ways by which an operator hears of alarms: a mail, and a JSON request to an address of theirs."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import SplitResult, unquote, urlsplit

import requests

from wallet_service.push.alarm_post import Letter, News, NotTaken, Post, Words, plain
from wallet_service.push.mail_line import ALTOGETHER, PATIENCE, dialled
from wallet_service.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def ways(settings: Settings, words: Words = plain) -> tuple[Post, ...]:
    """Those that are set up."""
    here = urlsplit(settings.public_url).hostname or "localhost"
    found: list[Post] = []
    if letters := mail(settings, words):
        found.append(letters)
    if settings.alarm_url:
        found.append(Request(settings.alarm_url, here, words))
    return tuple(found)


def mail(settings: Settings, words: Words = plain) -> Mail | None:
    if not settings.alarm_email or not settings.smtp_url:
        return None
    return Mail(settings.smtp_url, settings.alarm_email, settings.public_url, words)


class Mail:
    """Through the server of the settings; a name and password travel over TLS, or stay on this machine."""

    name = "mail"

    def __init__(
        self, server: str, to: str, public_url: str, words: Words = plain, altogether: float = ALTOGETHER
    ) -> None:
        self._words, self._altogether = words, altogether
        self._server, self._office = urlsplit(server), f"{public_url}/office"
        self._here = here = urlsplit(public_url).hostname or "localhost"
        self._to = [address.strip() for address in to.split(",")]
        user = unquote(self._server.username or "")
        self._from = user if "@" in user else f"wallet@{here}"

    def send(self, news: News) -> None:
        self.post(self._words(news))

    def post(self, letter: Letter) -> None:
        """However the server says good-bye to what it took."""
        message, taken = self._message(letter), False
        try:
            with self._line() as line:
                line.send_message(message)
                taken = True
        except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: an address with odd signs
            if not taken:
                raise NotTaken(f"{self._server.hostname}: {type(error).__name__}") from error

    def _message(self, said: Letter) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = " ".join(f"[{self._here}] {said.headline}".split())
        letter["From"], letter["To"] = self._from, ", ".join(self._to)
        letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain=self._here)
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(f"{said.body}\n\n{self._office}\n")
        return letter

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        with dialled(self._server, self._altogether) as line:
            if self._server.scheme == "smtp" and line.has_extn("starttls"):
                line.starttls(context=ssl.create_default_context())
                line.ehlo()
            elif self._server.scheme == "smtp" and self._server.hostname not in LOOPBACK:
                _require_nothing_to_hide(self._server)
            if self._server.username:
                line.login(unquote(self._server.username), unquote(self._server.password or ""))
            yield line


class Request:
    """`text` is what chats show; the rest is for programs."""

    name = "request"

    def __init__(self, url: str, here: str, words: Words = plain) -> None:
        self._url, self._here, self._words = url, here, words

    def send(self, news: News) -> None:
        """The status is all that is read of the answer: what follows may never end."""
        body = self._body(news)
        try:
            with requests.post(
                self._url, json=body, timeout=PATIENCE, allow_redirects=False, stream=True
            ) as answer:
                taken, status = answer.ok and not answer.is_redirect, answer.status_code
        except requests.RequestException as error:
            raise NotTaken(type(error).__name__) from error
        if not taken:
            raise NotTaken(f"answered {status}")

    def _body(self, news: News) -> dict[str, object]:
        said = self._words(news)
        return {
            "service": self._here,
            "alarm": news.kind,
            "subject": news.subject,
            "state": "over" if news.over else "raised",
            "detail": news.detail,
            "raised_at": news.raised_at.isoformat(),
            "cleared_at": news.cleared_at.isoformat() if news.cleared_at else None,
            "text": f"[{self._here}] {said.headline}\n{said.body}",
        }


def _require_nothing_to_hide(server: SplitResult) -> None:
    if server.username:
        raise smtplib.SMTPNotSupportedError("no TLS for the password")
