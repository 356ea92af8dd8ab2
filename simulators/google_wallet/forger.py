"""Makes callbacks: genuine ones as Google signs them, and every kind that an endpoint has to turn away."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

SENDER, PROTOCOL = "GooglePayPasses", "ECv2SigningOnly"
MESSAGE_LIFE = timedelta(hours=1)
INTERMEDIATE_LIFE = MESSAGE_LIFE + timedelta(days=7.6)  # as captured callbacks show
ROOT_LIFE = timedelta(days=365)
STRANGER = "3388000000099999999"
MEGABYTE = 1_000_000


def lv(*parts: str) -> bytes:
    """Each part as UTF-8, with its number of bytes before it, four bytes, little end first (G30)."""
    return b"".join(struct.pack("<I", len(part.encode())) + part.encode() for part in parts)


def html_safe(value: object) -> str:
    """JSON as Google writes it: "=" as six characters, so that re-writing the string breaks the signature."""
    return json.dumps(value, separators=(",", ":")).replace("=", "\\u003d")


def new_key() -> EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Root:
    key: EllipticCurvePrivateKey
    expires: datetime
    protocol: str = PROTOCOL

    def published(self) -> dict[str, str]:
        return {
            "keyValue": _public(self.key),
            "protocolVersion": self.protocol,
            "keyExpiration": _millis(self.expires),
        }


@dataclass(frozen=True)
class Event:
    """What happened on a phone."""

    kind: str
    class_id: str
    object_id: str
    nonce: str = field(default_factory=lambda: base64.b64encode(token_hex(16).encode()).decode())

    @property
    def issuer(self) -> str:
        return self.object_id.partition(".")[0]


@dataclass(frozen=True)
class Letter:
    """Everything that goes into one callback; each forgery changes one thing."""

    event: Event
    recipient: str
    root: Root
    now: datetime
    sender: str = SENDER
    protocol: str = PROTOCOL
    intermediate: EllipticCurvePrivateKey = field(default_factory=new_key)
    message_life: timedelta = MESSAGE_LIFE
    intermediate_life: timedelta = INTERMEDIATE_LIFE

    def body(self) -> bytes:
        return _sealed(self.parts())

    def parts(self) -> dict[str, object]:
        """The outer object, before it becomes JSON."""
        signed_key, message = self._signed_key(), self._message()
        link = lv(self.sender, self.protocol, signed_key)
        letter = lv(self.sender, self.recipient, self.protocol, message)
        return {
            "signature": _signature(self.intermediate, letter),
            "intermediateSigningKey": {
                "signedKey": signed_key,
                "signatures": [_signature(self.root.key, link)],
            },
            "protocolVersion": self.protocol,
            "signedMessage": message,
        }

    def _signed_key(self) -> str:
        ends = self.now + self.intermediate_life
        return html_safe({"keyValue": _public(self.intermediate), "keyExpiration": _millis(ends)})

    def _message(self) -> str:
        return html_safe(
            {
                "classId": self.event.class_id,
                "objectId": self.event.object_id,
                "eventType": self.event.kind,
                "expTimeMillis": int(_millis(self.now + self.message_life)),
                "count": 1,
                "nonce": self.event.nonce,
            }
        )


class Forger:
    """Holds the root keys: one in use, one expired, one for another protocol, and one never published."""

    def __init__(self, clock: Callable[[], datetime], pem: str | None = None) -> None:
        self._clock = clock
        now = clock()
        kept = serialization.load_pem_private_key(pem.encode(), None) if pem else new_key()
        assert isinstance(kept, EllipticCurvePrivateKey)
        self._root = Root(kept, now + ROOT_LIFE)
        self._expired = Root(new_key(), now - timedelta(days=1))
        self._other = Root(new_key(), now + ROOT_LIFE, "ECv1")
        self._unknown = Root(new_key(), now + ROOT_LIFE)

    def pem(self) -> str:
        """The root key, for a folder of the simulator's own."""
        return self._root.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def keys(self) -> dict[str, list[dict[str, str]]]:
        """What `/callback-keys` serves."""
        return {"keys": [one.published() for one in (self._expired, self._other, self._root)]}

    def rotate(self) -> None:
        """A surprise: yesterday's root is gone, and a new one signs."""
        self._unknown, self._root = self._root, Root(new_key(), self._clock() + ROOT_LIFE)

    def genuine(self, event: Event, recipient: str | None = None) -> bytes:
        return self._letter(event, recipient).body()

    def forged(self, how: str, event: Event) -> bytes:
        """`how` is one of FORGERIES."""
        return FORGERIES[how](self, event)

    def _letter(self, event: Event, recipient: str | None = None) -> Letter:
        return Letter(event, recipient or event.issuer, self._root, self._clock())

    def _changed(self, event: Event, **changes: object) -> bytes:
        return replace(self._letter(event), **changes).body()  # type: ignore[arg-type]

    def _tampered(self, event: Event) -> bytes:
        """One letter of a signed message is another."""
        parts = self._letter(event).parts()
        return _sealed(
            parts | {"signedMessage": str(parts["signedMessage"]).replace("eventType", "EventType")}
        )

    def _swapped(self, event: Event) -> bytes:
        """The opposite event under the old signature."""
        parts, other = self._letter(event).parts(), {"save": "del", "del": "save"}[event.kind]
        old = str(parts["signedMessage"])
        return _sealed(parts | {"signedMessage": old.replace(f'"{event.kind}"', f'"{other}"')})

    def _rewritten(self, event: Event) -> bytes:
        """The same key, written with a plain "=": equal as JSON, not as a string."""
        parts = self._letter(event).parts()
        signing = parts["intermediateSigningKey"]
        assert isinstance(signing, dict)
        plain = signing["signedKey"].replace("\\u003d", "=")
        return _sealed(parts | {"intermediateSigningKey": signing | {"signedKey": plain}})

    def _from_another_issuer(self, event: Event) -> bytes:
        theirs = [f"{STRANGER}.{name.partition('.')[2]}" for name in (event.class_id, event.object_id)]
        return self._letter(Event(event.kind, theirs[0], theirs[1]), STRANGER).body()

    def _of_another_issuer_to_us(self, event: Event) -> bytes:
        theirs = replace(event, object_id=f"{STRANGER}.{event.object_id.partition('.')[2]}")
        return self._letter(theirs, event.issuer).body()

    def _with(self, event: Event, **changes: object) -> bytes:
        return _sealed(self._letter(event).parts() | changes)

    def _null_signatures(self, event: Event) -> bytes:
        parts = self._letter(event).parts()
        signing = parts["intermediateSigningKey"]
        assert isinstance(signing, dict)
        return _sealed(parts | {"intermediateSigningKey": signing | {"signatures": None}})


def _sealed(parts: dict[str, object]) -> bytes:
    return html_safe(parts).encode()


def _signature(key: EllipticCurvePrivateKey, data: bytes) -> str:
    return base64.b64encode(key.sign(data, ec.ECDSA(hashes.SHA256()))).decode()


def _public(key: EllipticCurvePrivateKey) -> str:
    encoded = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(encoded).decode()


def _millis(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


AGO = timedelta(minutes=-1)
FORGERIES: dict[str, Callable[[Forger, Event], bytes]] = {  # G36
    "tampered_message": Forger._tampered,
    "swapped_event": Forger._swapped,
    "rewritten_key": Forger._rewritten,
    "unknown_root": lambda forger, event: forger._changed(event, root=forger._unknown),
    "expired_root": lambda forger, event: forger._changed(event, root=forger._expired),
    "root_of_another_protocol": lambda forger, event: forger._changed(event, root=forger._other),
    "expired_intermediate": lambda forger, event: forger._changed(event, intermediate_life=AGO),
    "expired_message": lambda forger, event: forger._changed(event, message_life=AGO),
    "wrong_sender": lambda forger, event: forger._changed(event, sender="Google"),
    "wrong_protocol": lambda forger, event: forger._changed(event, protocol="ECv1"),
    "another_issuer": Forger._from_another_issuer,
    "ours_signed_for_another": lambda forger, event: forger._changed(event, recipient=STRANGER),
    "another_issuers_object": Forger._of_another_issuer_to_us,
    "unknown_event": lambda forger, event: forger.genuine(replace(event, kind="dance")),
    "odd_base64": lambda forger, event: forger._with(event, signature="%%%not base64%%%"),
    "signature_is_a_number": lambda forger, event: forger._with(event, signature=7),
    "null_signatures": Forger._null_signatures,
    "null_key": lambda forger, event: forger._with(event, intermediateSigningKey=None),
    "array_body": lambda forger, event: b"[" + forger._letter(event).body() + b"]",
    "deep_body": lambda _forger, _event: b"[" * 100_000,
    "no_json": lambda _forger, _event: b"\xff\xfe save",
    "empty_body": lambda _forger, _event: b"",
    "megabyte": lambda forger, event: forger._with(event, padding="x" * MEGABYTE),
}
