"""Many requests in one, as `multipart/mixed`: taken apart here, and their answers put together."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from http import HTTPStatus
from secrets import token_hex
from urllib.parse import parse_qsl, urlsplit

from simulators.google_wallet.calls import Answer, Call
from simulators.google_wallet.errors import parse_error

MOST = 1000  # parts; the official client refuses to send more


def parts_of(call: Call, content_type: str) -> list[tuple[str, Call]]:
    whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + call.body)
    inner = whole.get_payload()
    if whole.get_content_type() != "multipart/mixed" or not isinstance(inner, list) or len(inner) > MOST:
        raise parse_error("The batch is no multipart/mixed of at most 1000 requests.")
    return [(part.get("Content-ID", ""), _call(part, call)) for part in inner if isinstance(part, Message)]


def _call(part: Message, around: Call) -> Call:
    """Without an Authorization of its own a part has that of the batch."""
    payload = part.get_payload(decode=True)
    start, _, rest = (payload if isinstance(payload, bytes) else b"").partition(b"\n")
    words = start.decode("latin-1").split()
    if len(words) != 3:
        raise parse_error("A part of the batch does not begin with a request line.")
    inner = message_from_bytes(rest)
    body = inner.get_payload(decode=True)
    target = urlsplit(words[1])
    return Call(
        words[0],
        target.path,
        dict(parse_qsl(target.query)),
        inner.get("Authorization", around.authorization),
        body if isinstance(body, bytes) else b"",
    )


def together(answers: list[tuple[str, Answer]]) -> Answer:
    boundary = f"batch_{token_hex(12)}"
    parts = b"".join(_part(name, answer, boundary) for name, answer in answers)
    body = parts + f"--{boundary}--\r\n".encode()
    return Answer(200, body, {"Content-Type": f"multipart/mixed; boundary={boundary}"})


def _part(name: str, answer: Answer, boundary: str) -> bytes:
    lines = [f"--{boundary}", "Content-Type: application/http"]
    lines += [f"Content-ID: <response-{name.strip('<>')}>"] if name else []
    lines += ["", f"HTTP/1.1 {answer.status} {_phrase(answer.status)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + answer.body + b"\r\n"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Odd"
