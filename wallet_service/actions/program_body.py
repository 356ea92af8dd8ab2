"""The JSON body of a program version: checked, kept as it was said, turned into the core's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from wallet_service.actions.program_faults import Fault, faults_of_shape
from wallet_service.actions.program_meaning import faults_of_meaning
from wallet_service.actions.program_reading import SLUG, ProgramBody, as_program
from wallet_service.domain.errors import Invalid
from wallet_service.domain.program import Program

__all__ = ["SLUG", "Fault", "check", "faults", "program", "to_keep"]


def faults(body: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong, each with its place, a plain sentence and the remedy.

    First what cannot be read; only a body that can is asked what it means.
    """
    try:
        return list(faults_of_meaning(ProgramBody.model_validate(body)))
    except ValidationError as error:
        return list(faults_of_shape(error))


def check(body: Mapping[str, Any]) -> ProgramBody:
    """Raises Invalid with all faults in one sentence each."""
    if found := faults(body):
        raise Invalid(f"The program is not right: {' '.join(map(str, found))}")
    return ProgramBody.model_validate(body)


def to_keep(body: Mapping[str, Any]) -> dict[str, Any]:
    """As a version stores it: only what differs from what goes without saying, so that a body stays the same
    body when programs learn a new word. One from before there were rules stays as it was stored then.
    """
    checked = check(body)
    kept = checked.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if checked.earning:
        kept |= {"earning": checked.earning.model_dump(), "welcome": checked.welcome}
    return kept


def program(slug: str, version: int, body: Mapping[str, Any]) -> Program:
    """A version that was published is in force as it is, whatever has become a fault since."""
    try:
        return as_program(slug, version, ProgramBody.model_validate(body))
    except ValidationError as error:
        raise Invalid(f"The program is not right: {' '.join(map(str, faults_of_shape(error)))}") from error
