"""Brings one object at Google to the state that we want it in, whatever stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wallet_service.google.answers import Answer, Verdict, refused_fields
from wallet_service.google.budget import Worth
from wallet_service.google.classes import Classes, digest
from wallet_service.google.client import GoogleClient
from wallet_service.google.loyalty_object import for_patch, without_picture
from wallet_service.google.pictures_ready import PicturesReady
from wallet_service.google.sendings import Sending

LOUD = {"notifyPreference": "NOTIFY_ON_UPDATE"}  # G15: it does not stay, so it is said with each

UNREACHABLE = "its address cannot be fetched through WALLET_PUBLIC_URL."


@dataclass
class Delivery:
    """What became of it. `accepted` is the hash of the body that Google took, None when it took none."""

    sending: Sending
    body: dict[str, Any]
    digest: str = ""  # of the body, once it was asked for
    answer: Answer = field(default_factory=lambda: Answer(Verdict.DONE))
    inserted: bool = False
    called: bool = False
    class_fault: bool = False
    accepted: str | None = None
    picture_fault: str | None = None
    ringing: bool = False
    rang: bool = False
    budget_spent: bool = False
    refused: frozenset[str] = frozenset()
    has_users: bool | None = None

    @property
    def denied(self) -> bool:
        """Worth a notice, and not granted one."""
        return self.called and self.sending.worth > Worth.SILENT and not self.rang


class Deliverer:
    """Safe for several threads."""

    def __init__(self, client: GoogleClient, classes: Classes, pictures: PicturesReady) -> None:
        self._client, self._classes, self._pictures = client, classes, pictures
        self._ways = {
            Verdict.EXISTS: _exists,
            Verdict.OBJECT_GONE: _gone,
            Verdict.CLASS_GONE: self._make_class,
            Verdict.BAD_PICTURE: _leave_picture_out,
            Verdict.NOT_FOR_US: _leave_fields_out,
            Verdict.BUDGET: _silently,
            Verdict.LOCKED: self._look_first,
        }

    def prepared(self, sending: Sending) -> Delivery:
        """`accepted` is set where Google has this very body already, and no call is needed."""
        delivery = Delivery(sending, sending.body, inserted=sending.inserted, ringing=sending.allowed)
        if sending.picture and not self._pictures.ready(sending.picture):  # the balance first
            _without_picture(delivery, UNREACHABLE)
        delivery.digest = digest(delivery.body)
        if delivery.inserted and delivery.digest == sending.accepted:
            delivery.accepted = sending.accepted
        return delivery

    def send(self, delivery: Delivery) -> Delivery:
        """Each obstacle is met once; the second time it is the answer."""
        delivery.called = True
        return self._sent(delivery)

    def insert(self, sending: Sending) -> Delivery:
        """Only that: an object that is there already is the worker's to bring up to date, so that no older
        state of ours follows a newer one of its (G24).
        """
        delivery = Delivery(sending, sending.body, called=True)
        if sending.picture and not self._pictures.ready(sending.picture):
            _without_picture(delivery, UNREACHABLE)
        self._sent(delivery, leave=Verdict.EXISTS)
        delivery.inserted |= delivery.answer.verdict is Verdict.EXISTS
        return delivery

    def _sent(self, delivery: Delivery, leave: Verdict | None = None) -> Delivery:
        met: set[Verdict] = {leave} if leave else set()
        while True:
            answer = delivery.answer = self._send(delivery)
            way = self._ways.get(answer.verdict)
            if way is None or answer.verdict in met:
                return _concluded(delivery)
            met.add(answer.verdict)
            if not way(delivery):
                return delivery

    def _send(self, delivery: Delivery) -> Answer:
        if not delivery.inserted:
            return self._client.insert_object(delivery.body)
        loud = LOUD if delivery.ringing else {}
        body = for_patch(delivery.body)
        answer = self._client.patch_object(body | loud)
        delivery.rang |= bool(loud) and _may_have_rung(answer)
        return answer

    def _make_class(self, delivery: Delivery) -> bool:
        answer = self._classes.ensure(delivery.sending.program, lost=True)
        if answer.verdict is not Verdict.DONE:
            delivery.answer, delivery.class_fault = answer, True
        return answer.verdict is Verdict.DONE

    def _look_first(self, delivery: Delivery) -> bool:
        """What we send is absolute and from our own ledger; the look only has to succeed."""
        answer = self._client.get_object(delivery.sending.object_id)
        return answer.verdict is Verdict.DONE


def _concluded(delivery: Delivery) -> Delivery:
    if delivery.answer.verdict is Verdict.DONE:
        delivery.inserted = True
        delivery.accepted = delivery.digest or digest(delivery.body)
        has_users = delivery.answer.body.get("hasUsers")
        delivery.has_users = has_users if isinstance(has_users, bool) else None
    return delivery


def _may_have_rung(answer: Answer) -> bool:
    """An outcome that nobody knows counts against the budget: rather one notice too few."""
    unknown = answer.verdict is Verdict.UNKNOWN and answer.reason != "no token"
    return unknown or answer.verdict is Verdict.DONE


def _exists(delivery: Delivery) -> bool:
    delivery.inserted = True  # G13: also after an insert whose answer was lost
    return True


def _gone(delivery: Delivery) -> bool:
    delivery.inserted, delivery.ringing = False, False
    return True


def _leave_picture_out(delivery: Delivery) -> bool:
    if delivery.picture_fault is not None:
        return False
    _without_picture(delivery, delivery.answer.message)
    return True


def _without_picture(delivery: Delivery, fault: str) -> None:
    delivery.body, delivery.picture_fault = without_picture(delivery.body), fault
    delivery.digest = ""


def _leave_fields_out(delivery: Delivery) -> bool:
    fields = frozenset(refused_fields(delivery.answer.message)) & delivery.body.keys()
    delivery.refused |= fields
    delivery.body = {name: value for name, value in delivery.body.items() if name not in fields}
    delivery.digest = ""
    return bool(fields)


def _silently(delivery: Delivery) -> bool:
    """A spent allowance is no reason to keep the balance back."""
    if not delivery.ringing:
        return False
    delivery.ringing, delivery.budget_spent = False, True
    return True
