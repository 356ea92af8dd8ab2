"""What APNs demands of a request; pure, so that each rule can be read and tried alone."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

PATH = "/3/device/"
LONGEST_PAYLOAD = 4096
PUSH_TYPES = {
    "alert", "background", "complication", "controls", "fileprovider", "liveactivity", "location", "mdm",
    "pushtotalk", "voip", "widgets",
}  # fmt: skip
_TOKEN = re.compile(r"(?:[0-9a-fA-F]{2}){32,100}")
_TOPIC = re.compile(r"[A-Za-z0-9.-]{1,255}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Credential:
    """What the client certificate says: `topic` is its subject's UID. A token opens its team's topics."""

    topic: str
    not_after: datetime
    topics: frozenset[str] | None = None
    by_token: bool = False

    def opens(self, topic: str) -> bool:
        if self.by_token:
            return self.topics is None or topic in self.topics
        return topic == self.topic


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def token(self) -> str:
        return unquote(self.path.removeprefix(PATH))

    def header(self, name: str) -> str | None:
        return next((value for found, value in self.headers if found == name), None)


def refusal(request: Request, credential: Credential, now: datetime) -> str | None:
    """The first reason to say no, or None."""
    if credential.not_after < now or not (credential.topic or credential.by_token):
        return "BadCertificate"
    return next((reason for rule in _RULES for reason in [rule(request, credential)] if reason), None)


def _address(request: Request, _: Credential) -> str | None:
    if not request.path.startswith(PATH) or "/" in request.path.removeprefix(PATH):
        return "BadPath"
    return "MethodNotAllowed" if request.method != "POST" else None


def _duplicates(request: Request, _: Credential) -> str | None:
    counted = Counter(name for name, _value in request.headers)
    return "DuplicateHeaders" if max(counted.values(), default=0) > 1 else None


def _token(request: Request, _: Credential) -> str | None:
    if not request.token:
        return "MissingDeviceToken"
    return None if _TOKEN.fullmatch(request.token) else "BadDeviceToken"


def _topic(request: Request, credential: Credential) -> str | None:
    """Stricter than Apple, who lets a single-topic certificate omit it: N4 asks us to send it always."""
    topic = request.header("apns-topic")
    if not topic:
        return "MissingTopic"
    if not _TOPIC.fullmatch(topic):
        return "BadTopic"
    return None if credential.opens(topic) else "TopicDisallowed"


def _form(name: str, good: Callable[[str], object], reason: str) -> Rule:
    """A header that may be missing, but not be wrong."""

    def rule(request: Request, _: Credential) -> str | None:
        value = request.header(name)
        return None if value is None or good(value) else reason

    return rule


def _background_is_not_urgent(request: Request, _: Credential) -> str | None:
    """N8: Apple calls priority 10, which is also what is meant when none is sent, an error here."""
    if request.header("apns-push-type") != "background":
        return None
    return None if request.header("apns-priority") == "5" else "BadPriority"


def _payload(request: Request, _: Credential) -> str | None:
    if len(request.body) > LONGEST_PAYLOAD:
        return "PayloadTooLarge"
    try:
        return None if isinstance(json.loads(request.body), dict) else "PayloadEmpty"
    except ValueError:
        return "PayloadEmpty"


Rule = Callable[[Request, Credential], str | None]
_RULES: list[Rule] = [
    _address,
    _duplicates,
    _token,
    _topic,
    _form("apns-id", _UUID.fullmatch, "BadMessageId"),
    _form("apns-expiration", _SECONDS.fullmatch, "BadExpirationDate"),
    _form("apns-priority", {"1", "5", "10"}.__contains__, "BadPriority"),
    _form("apns-collapse-id", lambda value: 0 < len(value.encode()) <= 64, "BadCollapseId"),
    _form("apns-push-type", PUSH_TYPES.__contains__, "InvalidPushType"),
    _background_is_not_urgent,
    _payload,
]
