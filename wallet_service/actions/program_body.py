"""The JSON body of a program version: checked by pydantic, turned into the core's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from wallet_service.domain import wording
from wallet_service.domain.errors import Invalid
from wallet_service.domain.program import Earning, Program, Reward, Unit

Points = Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)]
Texts = dict[str, Annotated[str, Field(min_length=1, max_length=300)]]
SLUG = r"^[a-z0-9][a-z0-9-]{0,63}$"
Slug = Annotated[str, Field(pattern=SLUG)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UnitBody(_Model):
    counted: Literal["stamps", "points"]
    forms: dict[str, dict[str, str]]


class EarningBody(_Model):
    per_visit: Points = 0
    visit_minimum: Points = 0
    per_amount: Points = 0
    give: Points = 0

    @model_validator(mode="after")
    def _rate(self) -> Self:
        if self.give and not self.per_amount:
            raise ValueError("`give` needs `per_amount`, the money in minor units that earns it")
        if not self.give and not self.per_visit:
            raise ValueError("nothing is earned: set `per_visit`, or `give` and `per_amount`")
        return self


class RewardBody(_Model):
    id: Slug
    cost: Annotated[int, Field(ge=1, le=1_000_000_000, strict=True)]
    name: Texts
    until: Texts
    waiting: Texts


class ProgramBody(_Model):
    name: Texts
    organization: Annotated[str, Field(min_length=1, max_length=100)]
    languages: Annotated[tuple[str, ...], Field(min_length=1)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    time_zone: str
    template: Slug
    unit: UnitBody
    earning: EarningBody
    welcome: Points = 0
    rewards: Annotated[tuple[RewardBody, ...], Field(min_length=1)]
    rotating_code: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if unknown := set(self.languages) - wording.LANGUAGES:
            known = ", ".join(sorted(wording.LANGUAGES))
            raise ValueError(f"`languages` names {', '.join(sorted(unknown))}; cards speak {known}")
        if self.time_zone not in available_timezones():
            raise ValueError(f"`time_zone` {self.time_zone!r} is unknown; use a name such as Europe/Moscow")
        for texts in (self.name, *(t for r in self.rewards for t in (r.name, r.until, r.waiting))):
            if missing := set(self.languages) - set(texts):
                raise ValueError(f"{texts} lacks the language {', '.join(sorted(missing))}")
        for language in self.languages:
            self._plural_forms(language)
        if self.welcome >= min(reward.cost for reward in self.rewards):
            raise ValueError("`welcome` must be less than the nearest reward costs")
        return self

    def _plural_forms(self, language: str) -> None:
        needed = set(Locale.parse(language).plural_form.tags) | {"other"}
        if missing := needed - set(self.unit.forms.get(language, {})):
            raise ValueError(f"`unit.forms.{language}` lacks the plural {', '.join(sorted(missing))}")


def check(body: Mapping[str, Any]) -> ProgramBody:
    """Raises Invalid with one sentence per fault, each with its place in the body."""
    try:
        return ProgramBody.model_validate(body)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'program'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        )
        raise Invalid(f"The program is not right: {faults}.") from error


def to_keep(body: Mapping[str, Any]) -> dict[str, Any]:
    """As a version stores it. The code that turns is written down only where it is on, so that a body from
    before there was one is still the same body.
    """
    checked = check(body)
    return checked.model_dump(mode="json", exclude=None if checked.rotating_code else {"rotating_code"})


def program(slug: str, version: int, body: Mapping[str, Any]) -> Program:
    checked = check(body)
    return Program(
        slug=slug,
        version=version,
        name=checked.name,
        organization=checked.organization,
        languages=checked.languages,
        currency=checked.currency,
        time_zone=ZoneInfo(checked.time_zone).key,
        template=checked.template,
        unit=Unit(checked.unit.counted, checked.unit.forms),
        earning=Earning(**checked.earning.model_dump()),
        welcome=checked.welcome,
        rewards=tuple(Reward(**reward.model_dump()) for reward in checked.rewards),
        rotating_code=checked.rotating_code,
    )
