"""`flask wallet doctor google`: the way to Google step by step, with the remedy where it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions.services import Services
from wallet_service.db.tables import GoogleCard, GoogleClass
from wallet_service.domain.errors import WalletError
from wallet_service.google.answers import Answer, Verdict
from wallet_service.google.client import GoogleClient
from wallet_service.google.lane import GuestPace
from wallet_service.google.service_account import read_service_account
from wallet_service.settings import GoogleSettings

OLD_KEY = timedelta(days=90)  # S2
NOT_SET_UP = (
    "Google Wallet is not set up: set WALLET_GOOGLE_ISSUER_ID and WALLET_GOOGLE_SERVICE_ACCOUNT_FILE."
)
NOT_INVITED = (
    "Open the Google Pay and Wallet console, choose Users, and invite {mail} as a developer; then compare "
    "the issuer id there with WALLET_GOOGLE_ISSUER_ID."
)
ENABLE = "Enable the Google Wallet API in the Google Cloud project of this account."
REVIEW = {
    "REJECTED": "Google refused it. The console says why; publish the program again when that is mended.",
    "DRAFT": "It is a draft, so no card can be saved. Publish the program again.",
}


@dataclass(frozen=True)
class Step:
    """One look; the first bad one ends the way."""

    good: bool
    told: str


def steps(services: Services) -> Iterator[Step]:
    settings = services.settings.google
    if settings is None:
        yield Step(False, NOT_SET_UP)
        return
    client = GoogleClient(settings, GuestPace(services.sessions, settings.issuer_id))
    try:
        yield from _until_bad(services, settings, client)
    except WalletError as problem:
        yield Step(False, problem.detail)
    finally:
        client.close()


def _until_bad(services: Services, settings: GoogleSettings, client: GoogleClient) -> Iterator[Step]:
    for part in (_key(settings), _token(client), _issuer(settings, client), _held(services, client)):
        for step in part:
            yield step
            if not step.good:
                return


def _key(settings: GoogleSettings) -> Iterator[Step]:
    account = read_service_account(settings.service_account_file)
    written = datetime.fromtimestamp(settings.service_account_file.stat().st_mtime, UTC)
    age = datetime.now(UTC) - written
    advice = f" It is {age.days} days old: make a new one and delete this." if age > OLD_KEY else ""
    yield Step(True, f"The key belongs to {account.email}.{advice}")


def _token(client: GoogleClient) -> Iterator[Step]:
    client.account.bearer()
    yield Step(True, "Google gives us a token.")


def _issuer(settings: GoogleSettings, client: GoogleClient) -> Iterator[Step]:
    """The commonest of all troubles: the account was never invited."""
    answer = client.get_issuer()
    if answer.verdict is Verdict.DONE:
        yield Step(True, f"The issuer account {settings.issuer_id} is ours: {answer.body.get('name', '')}.")
        return
    mail = read_service_account(settings.service_account_file).email
    yield Step(False, f"The issuer account {settings.issuer_id}: {answer.told}. {_remedy(answer, mail)}")


def _remedy(answer: Answer, mail: str) -> str:
    if "not been used" in answer.message or answer.reason == "accessNotConfigured":
        return ENABLE
    if answer.verdict in (Verdict.CREDENTIAL, Verdict.OBJECT_GONE):
        return NOT_INVITED.format(mail=mail)
    return "Try again in a few minutes."


def _held(services: Services, client: GoogleClient) -> Iterator[Step]:
    with services.sessions.read() as session:
        classes = list(session.scalars(select(GoogleClass.class_id)))
        newest = _newest(session)
    if not classes:
        yield Step(True, "There is no class yet: the first card that somebody saves makes it.")
    for class_id in classes:
        yield _class(class_id, client.get_class(class_id))
    if newest is not None:
        yield _object(newest, client.get_object(newest.object_id))


def _newest(session: Session) -> GoogleCard | None:
    inserted = select(GoogleCard).where(GoogleCard.inserted_at.is_not(None))
    return session.scalar(inserted.order_by(GoogleCard.inserted_at.desc()).limit(1))


def _class(class_id: str, answer: Answer) -> Step:
    if answer.verdict is not Verdict.DONE:
        return Step(False, f"The class {class_id}: {answer.told}. The next change of a card makes it anew.")
    status = str(answer.body.get("reviewStatus", ""))
    if trouble := REVIEW.get(status.upper()):
        return Step(False, f"The class {class_id} is {status}. {trouble}")
    return Step(True, f"The class {class_id} is {status or 'there'}.")


def _object(known: GoogleCard, answer: Answer) -> Step:
    if answer.verdict is not Verdict.DONE:
        told = f"The newest card {known.object_id}: {answer.told}."
        return Step(False, f"{told} The next change of this card inserts it again.")
    held = "somebody has it" if answer.body.get("hasUsers") else "nobody has saved it yet"
    return Step(True, f"The newest card {known.object_id} is there; {held}.")
