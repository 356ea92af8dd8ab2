"""The lines a phone writes to the web service's log, in Apple's form (docs/conformance.md#phone-15)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Task:
    """What the phone was doing when it had to complain."""

    name: str
    facts: tuple[tuple[str, str | None], ...]
    service: str

    def complaint(self, now: datetime, text: str) -> str:
        facts = ", ".join(f"{name} {value or '(null)'}" for name, value in self.facts)
        where = f"({facts}; with web service url {self.service})"
        return f"[{now:%Y-%m-%d %H:%M:%S %z}] {self.name} task {where} encountered error: {text}"


def register_task(service: str, device: str, key: tuple[str, str]) -> Task:
    return Task(
        "Register", (("for device", device), ("pass type", key[0]), ("serial number", key[1])), service
    )


def unregister_task(service: str, device: str, key: tuple[str, str]) -> Task:
    return Task(
        "Unregister", (("for device", device), ("pass type", key[0]), ("serial number", key[1])), service
    )


def list_task(service: str, device: str, pass_type: str, tag: str | None) -> Task:
    facts = (("for device", device), ("pass type", pass_type), ("last updated", tag))
    return Task("Get serial numbers", facts, service)


def fetch_task(service: str, key: tuple[str, str], since: str | None) -> Task:
    facts = (("pass type", key[0]), ("serial number", key[1]), ("if-modified-since", since))
    return Task("Get pass", facts, service)


AUTHENTICATION = "Authentication failure"
MALFORMED = "Malformed response: serialNumbers must be a list of strings and lastUpdated a string"
NOTHING_LISTED = "Malformed response: 200 without serial numbers; 204 says that nothing changed"
PUSH_WITHOUT_CHANGE = "Push received, but the server lists no changed passes"
TAG_MISSING_MOVE = "lastUpdated did not advance although serial numbers were listed"
NO_LAST_MODIFIED = "Server did not send Last-Modified; conditional requests are impossible"
IGNORED_CONDITION = "Server ignored If-Modified-Since and returned the same pass again"
UNCHANGED = "Server listed the pass as changed, but the pass is unchanged"


def unexpected(status: int) -> str:
    return f"Unexpected response code {status}"


def invalid_pass(reason: str) -> str:
    return f"Invalid pass data: {reason}"


def other_pass(wanted: tuple[str, str], received: tuple[str, str]) -> str:
    return f"Asked for {wanted[0]} {wanted[1]}, but received {received[0]} {received[1]}"


def not_held(serial: str) -> str:
    return f"Server requested update to serial number {serial!r}, which is not registered on this device"
