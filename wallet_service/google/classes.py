"""A program's class at Google: made once, patched when its definition changed (G10 to G12)."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import held_look
from wallet_service.actions.services import Services
from wallet_service.db.tables import GoogleClass, ProgramRow
from wallet_service.domain.detail import Detail
from wallet_service.domain.program import Program
from wallet_service.google import issuer
from wallet_service.google.answers import Answer, Verdict, refused_fields
from wallet_service.google.client import GoogleClient
from wallet_service.google.look_shelf import LookShelf
from wallet_service.google.loyalty_class import loyalty_class
from wallet_service.push.alarms import clear_alarm, raise_alarm

Body = dict[str, Any]

PERMANENT = (Verdict.OUR_BUG, Verdict.BAD_PICTURE, Verdict.NOT_FOR_US)
AGAIN = timedelta(minutes=10)


def digest(body: Mapping[str, Any]) -> str:
    written = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


@dataclass(frozen=True)
class Known:
    accepted: str | None
    refused: frozenset[str]


class Classes:
    """Safe for several threads: one at a time looks after classes."""

    def __init__(self, services: Services, client: GoogleClient, looks: LookShelf) -> None:
        self._services, self._client, self._looks = services, client, looks
        self._lock = threading.Lock()
        self._not_again: dict[str, datetime] = {}

    def body(self, program: Program, refused: frozenset[str] = frozenset()) -> Body:
        look = self._looks.look(self._template(program))
        body = loyalty_class(program, look, self._client.issuer_id, self._services.links)
        return {name: value for name, value in body.items() if name not in refused}

    def _template(self, program: Program) -> str:
        """All cards share the class: it gets a new look when the turn of all of them has come."""
        with self._services.sessions.read() as session:
            return held_look.of_everybody(session, program.slug, program.template)

    def ensure(self, program: Program, *, lost: bool = False) -> Answer:
        """DONE when Google holds the class as it is today; no call when it already does (G12).

        `lost`: Google says that there is none, whatever we remember.
        """
        with self._lock:
            with self._services.sessions.read() as session:
                known = self._known(session, program)
            body = self.body(program, known.refused)
            if not lost and self._stands(body, known.accepted):
                return Answer(Verdict.DONE)
            answer = self._send(body, known=None if lost else known.accepted)
            if answer.verdict is Verdict.NOT_FOR_US:
                body = self._without_refused(program, known, answer)
                answer = self._send(body, known=known.accepted)
            self._note(program, body, answer)
            if answer.verdict in PERMANENT and known.accepted and not lost:
                self._not_again[digest(body)] = self._services.clock() + AGAIN
                return Answer(Verdict.DONE)  # cards go on with the class as it was
        return answer

    def _stands(self, body: Body, accepted: str | None) -> bool:
        """As accepted, or refused a moment ago while an older one is in force."""
        until = self._not_again.get(digest(body))
        return digest(body) == accepted or (until is not None and self._services.clock() < until)

    def _without_refused(self, program: Program, known: Known, answer: Answer) -> Body:
        fields, now = frozenset(refused_fields(answer.message)), self._services.clock()
        with self._services.sessions.begin() as session:
            issuer.remember_refused(session, self._client.issuer_id, fields, answer.told, now)
        return self.body(program, known.refused | fields)

    def _known(self, session: Session, program: Program) -> Known:
        row = session.get(GoogleClass, self._id(program))
        return Known(row.accepted if row else None, issuer.refused(session, self._client.issuer_id))

    def _send(self, body: Body, known: str | None) -> Answer:
        """G11: the PATCH carries the same body, UNDER_REVIEW again, and never what Google answered."""
        if known:
            answer = self._client.patch_class(body)
            if answer.verdict not in (Verdict.CLASS_GONE, Verdict.OBJECT_GONE):
                return answer
        answer = self._client.insert_class(body)
        return self._client.patch_class(body) if answer.verdict is Verdict.EXISTS else answer

    def _note(self, program: Program, body: Body, answer: Answer) -> None:
        now, issuer_id = self._services.clock(), self._client.issuer_id
        with self._services.sessions.begin() as session:
            if answer.verdict is Verdict.DONE:
                self._accepted(session, program, digest(body), now)
                clear_alarm(session, issuer.CLASS, program.slug, now)
            elif answer.verdict in PERMANENT:
                said = f"Google does not take the class of this program, so its cards wait. {answer.told}"
                detail = Detail(said, "google/class", said=answer.told)
                raise_alarm(session, issuer.CLASS, program.slug, detail, now)
            elif answer.verdict is Verdict.CREDENTIAL:
                issuer.open_circuit(session, issuer_id, answer.told, now)

    def _accepted(self, session: Session, program: Program, accepted: str, now: datetime) -> None:
        row = session.get(GoogleClass, self._id(program))
        if row is None:
            program_id = session.scalars(select(ProgramRow.id).where(ProgramRow.slug == program.slug)).one()
            row = GoogleClass(class_id=self._id(program), program_id=program_id)
            session.add(row)
        row.accepted, row.accepted_at = accepted, now

    def _id(self, program: Program) -> str:
        return f"{self._client.issuer_id}.{program.slug}"
