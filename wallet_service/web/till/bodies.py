"""What the till's page may send: every field typed and bounded, everything else refused by name."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from wallet_service.actions.adjust import LONGEST_REASON, MOST
from wallet_service.actions.once import LONGEST_KEY
from wallet_service.actions.staff import LONGEST_PIN
from wallet_service.domain import codes, fiscal
from wallet_service.domain.errors import Invalid
from wallet_service.domain.rules import MOST_MONEY, MOST_POINTS, MOST_VISITS

PLAINLY = {"extra_forbidden": "there is no such field", "missing": "this field is needed"}
SEEN = r"^[!-~]+$"

Key = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_KEY, pattern=SEEN)]
Code = Annotated[str, StringConstraints(max_length=codes.LONGEST)]
Receipt = Annotated[str, StringConstraints(min_length=1, max_length=fiscal.LONGEST)]
Pin = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PIN * 2)]
Money = Annotated[int, Field(ge=0, le=MOST_MONEY)]
Points = Annotated[int, Field(ge=1, le=MOST_POINTS)]


class BadBody(Invalid):
    slug, title = "invalid-body", "The body is not valid"


class Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PublicKey(Body):
    public_key: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Scan(Body):
    """`key` counts if the scan books."""

    code: Code
    key: Key


class Search(Body):
    """The last digits of a phone."""

    digits: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,12}$")]


class Question(Body):
    total: Money


class Bought(Body):
    """`receipt` is the text of a fiscal code, which says the total itself. `confirmed`: the guards asked, and
    it is meant.
    """

    key: Key
    total: Money | None = None
    visits: Annotated[int, Field(ge=1, le=MOST_VISITS)] | None = None
    receipt: Receipt | None = None
    confirmed: bool = False


class Returned(Body):
    """`of` names the purchase, where several fit."""

    key: Key
    receipt: Receipt
    of: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None


class Payment(Body):
    key: Key
    points: Points
    total: Money
    manager_pin: Pin | None = None
    confirmed: bool = False


class Wish(Body):
    key: Key
    reward: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    manager_pin: Pin | None = None
    confirmed: bool = False


class Correction(Body):
    key: Key
    points: Annotated[int, Field(ge=-MOST, le=MOST)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_REASON)]
    manager_pin: Pin


class Undo(Body):
    key: Key
    manager_pin: Pin | None = None


B = TypeVar("B", bound=BaseModel)


def read(kind: type[B]) -> B:
    """The body of this request; Invalid names the field that is off."""
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return kind.model_validate_json(request.get_data())
    except ValidationError as error:
        raise _refusal(error) from error


def checked(kind: type[B], part: dict[str, Any]) -> B:
    """A part of a body that stands or falls by itself."""
    try:
        return kind.model_validate(part)
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> BadBody:
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part)[:64] for part in fault["loc"]) or "body"
    return BadBody(f"`{field}`: {PLAINLY.get(fault['type'], fault['msg'])}.", field=field)
