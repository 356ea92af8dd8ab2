"""What machines may send: every field typed and bounded, everything else refused by name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Self, TypeVar

from flask import request
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from wallet_service.actions.adjust import LONGEST_REASON
from wallet_service.actions.people import LONGEST_EMAIL, LONGEST_PHONE, About, Agreed
from wallet_service.api.desk import LARGEST_BODY
from wallet_service.api.faults import bad_body, named_once
from wallet_service.domain.plain import one_line
from wallet_service.domain.rules import MOST_MONEY, MOST_POINTS, MOST_VISITS, Item, Purchase
from wallet_service.domain.rules.checks import MOST_ITEMS, MOST_QUANTITY

MOST_CONSENTS = 20
LARGEST_CORRECTION = 1_000_000
PLAIN = r"^[^\x00-\x1f\x7f]*$"  # a control character in a number of the shop is a fault of a scanner

Money = Annotated[int, Field(ge=0, le=MOST_MONEY)]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=PLAIN)]
Receipt = Annotated[str, Field(min_length=1, max_length=128, pattern=PLAIN)]


class Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Consent(Body):
    """What the member said yes or no to."""

    purpose: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$", examples=["news"])]
    given: bool
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,15}$", examples=["sms"])] | None = None
    text: Annotated[Code, Field(description="Names the wording that was shown.")] | None = None

    @property
    def agreed(self) -> Agreed:
        return Agreed(self.purpose, self.given, self.channel or "", self.text)


class NewCard(Body):
    """Everything may be left out; `phone`, `email`, `birthday` and `consents` stand in no answer."""

    language: (
        Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?$", examples=["en"])] | None
    ) = None
    name: Annotated[str, Field(min_length=1, max_length=200, examples=["Ann"])] | None = None
    phone: (
        Annotated[str, Field(min_length=3, max_length=LONGEST_PHONE, examples=["+7 912 345-67-89"])] | None
    ) = None
    email: (
        Annotated[str, Field(min_length=5, max_length=LONGEST_EMAIL, examples=["ann@example.com"])] | None
    ) = None
    birthday: (
        Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["1990-05-31"])] | None
    ) = None
    consents: Annotated[list[Consent], Field(max_length=MOST_CONSENTS)] = []
    source: Code | None = None

    @field_validator("name")
    @classmethod
    def _is_seen(cls, name: str | None) -> str | None:
        if name is not None and not one_line(name):
            raise ValueError("nothing of it can be seen")
        return name

    @property
    def about(self) -> About:
        agreed = tuple(consent.agreed for consent in self.consents)
        return About(self.phone, self.email, self.birthday, agreed)


class Line(Body):
    """A line of the receipt."""

    id: Code
    quantity: Annotated[int, Field(ge=1, le=MOST_QUANTITY)] = 1
    total: Money | None = None
    category: Code | None = None

    @property
    def item(self) -> Item:
        return Item(self.id, self.quantity, self.total, self.category)


Lines = Annotated[list[Line], Field(max_length=MOST_ITEMS)]


class Bought(Body):
    total: Money | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["RUB"])] | None = None
    visits: Annotated[int, Field(ge=1, le=MOST_VISITS)] | None = None
    items: Lines = []
    action: Code | None = None
    receipt: Receipt | None = None
    occurred_at: AwareDatetime | None = None
    store: Code | None = None
    till: Code | None = None
    channel: Code | None = None
    payment: Code | None = None

    def purchase(self, now: datetime) -> Purchase:
        return Purchase(
            occurred_at=_utc(self.occurred_at or now),
            total=self.total,
            currency=self.currency,
            visits=self.visits,
            receipt=self.receipt,
            items=tuple(line.item for line in self.items),
            action=self.action,
            channel=self.channel,
            payment=self.payment,
            store=self.store,
        )


def _utc(moment: datetime) -> datetime:
    """One at the end of all calendars stays as it is, to be refused for its time."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment


NULL: JsonDict = {"type": "null"}
ONLY_REWARD: JsonDict = {
    "required": ["reward"],
    "properties": {"reward": {"type": "string"}, "points": NULL, "total": NULL, "items": {"maxItems": 0}},
}
ONLY_POINTS: JsonDict = {
    "required": ["points"],
    "properties": {"points": {"type": "integer"}, "reward": NULL},
}


class Wish(Body):
    """Either a reward, or so many points as money."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [ONLY_REWARD, ONLY_POINTS]})
    reward: Code | None = None
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)] | None = None
    total: Money | None = None
    items: Lines = []

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.reward is None) == (self.points is None):
            raise ValueError("give either `reward` or `points`")
        if self.points is None and (self.total is not None or self.items):
            raise ValueError("`total` and `items` belong to `points`")
        return self


class Returned(Body):
    receipt: Receipt
    total: Money | None = None
    store: Code | None = None


class Correction(Body):
    points: Annotated[
        int,
        Field(ge=-LARGEST_CORRECTION, le=LARGEST_CORRECTION, json_schema_extra={"not": {"const": 0}}),
    ]
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    approved_by: Code | None = None

    @field_validator("points")
    @classmethod
    def _is_a_change(cls, points: int) -> int:
        if points == 0:
            raise ValueError("0 corrects nothing")
        return points

    @field_validator("reason")
    @classmethod
    def _is_seen(cls, reason: str) -> str:
        if not one_line(reason):
            raise ValueError("nothing of it can be seen")
        return reason


class Nothing(Body):
    """A call that says all in its address."""


B = TypeVar("B", bound=Body)


def read(kind: type[B]) -> B:
    """The body of this request; none at all is an empty one. Raises BadBody."""
    sent = request.get_data()
    if len(sent) > LARGEST_BODY:
        raise RequestEntityTooLarge
    if sent and not request.is_json:
        raise UnsupportedMediaType
    try:
        body = kind.model_validate_json(sent or b"{}")
    except ValidationError as error:
        raise bad_body(kind, error) from error
    named_once(sent or b"{}")
    return body
