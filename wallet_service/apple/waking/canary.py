"""One card tries a renewed certificate before all others do: signed, verified, pushed (N17)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.apple.signing import renewal
from wallet_service.apple.signing.certificates import Credentials
from wallet_service.apple.signing.signer import Clock, file_signer
from wallet_service.apple.waking.addressees import OF_APNS
from wallet_service.apple.waking.apns import Apns
from wallet_service.apple.waking.apns_answers import Push, Verdict
from wallet_service.db.tables import ApplePass, Card, Device, Registration
from wallet_service.domain.errors import Misconfigured, UnknownCard

NOBODY = "0" * 64  # a token of no phone: APNs looks at certificate and topic before it says so
KNOWN = (Verdict.ACCEPTED, Verdict.BAD_TOKEN, Verdict.GONE)


def phones_of(session: Session, card: str, pass_type: str) -> Sequence[str]:
    """The push tokens of its phones."""
    held = session.scalar(
        select(ApplePass.pass_type).join(Card, Card.id == ApplePass.card_id).where(Card.serial == card)
    )
    if held != pass_type:
        raise UnknownCard(f"There is no card {card} of {pass_type} in a phone: take another one.")
    tokens = session.scalars(
        select(Device.push_token)
        .join(Registration, Registration.device_id == Device.id)
        .join(Card, Card.id == Registration.card_id)
        .where(Card.serial == card)
    )
    return [token for token in tokens if OF_APNS.fullmatch(token)]


def signs(credentials: Credentials, clock: Clock) -> str:
    """Misconfigured when what it signs cannot be read."""
    manifest = f'{{"pass.json":"{uuid4().hex}"}}'.encode()
    signature = file_signer(credentials, clock).sign(manifest)
    return renewal.verify(signature, manifest, credentials)


def pushes(
    credentials: Credentials, tokens: Iterable[str], now: datetime, *, url: str, ca_file: Path | None
) -> str:
    """To the phones of the card, or to nobody's address when it has none; says what APNs answered."""
    wakes = list(tokens)
    sent = [Push(str(uuid4()), token, credentials.pass_type) for token in wakes or [NOBODY]]
    with Apns(
        url=url,
        certificate=credentials.certificate_file,
        key=credentials.key_file,
        passphrase=credentials.passphrase,
        ca_file=ca_file,
    ) as connection:
        answers = list(connection.send(sent, now))
    for answer in answers:
        if answer.verdict not in KNOWN:
            raise Misconfigured(
                f"APNs does not take {credentials.certificate_file.name}: {answer.reason or answer.status}."
            )
    taken = sum(answer.verdict is Verdict.ACCEPTED for answer in answers)
    if wakes and not taken:
        raise Misconfigured("APNs knows the certificate, but none of the card's phones: take another card.")
    return f"APNs takes the certificate; phones that were woken: {taken if wakes else 0}."
