"""Whatever the document allows, and more, asked of the service by a tool that reads nothing else."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from schemathesis import Case, GenerationMode, Response
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.api.till import Till, answer
from wallet_service.api import calls
from wallet_service.api.calls import Call
from wallet_service.api.press import KEY

EXAMPLES = 120 if not os.environ.get("LONG") else 500
"""Of each call and each mode."""
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
MEANINGS = ["2xx", "3xx", 400, 401, 403, 404, 409, 413, 429]
"""What fits the form may still mean nothing: a wrong digit, the currency of somewhere else. That nothing is
refused for its form alone, `_only_for_its_meaning` looks after.
"""
REFUSALS = [
    400,
    401,
    403,
    404,
    405,
    409,
    413,
    415,
    429,
]  # 409: a number in an odd form finds its card, and then the rules speak
CONFIG = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": MEANINGS},
        "negative_data_rejection": {"expected-statuses": REFUSALS},
    }
}
BEYOND_FORMS = ("nothing of it can be seen", "Input should be a valid integer")
"""What no schema can say: characters without ink, and that 250.0 is no whole number of kopecks."""


@dataclass
class Asked:
    """What there is to be asked about."""

    till: Till
    cards: list[str]
    entries: list[str]
    schema: OpenApiSchema = field(init=False)

    def __post_init__(self) -> None:
        config = schemathesis.Config.from_dict(CONFIG)
        self.schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", self.till.app, config=config)

    def everything(self, call: Call, mode: GenerationMode) -> Counter[int]:
        """Every check that the tool knows; a failure is shown with its request. Answers what was heard."""
        heard: Counter[int] = Counter()
        self._runs(call, mode, heard)()
        return heard

    def _runs(self, call: Call, mode: GenerationMode, heard: Counter[int]) -> Callable[[], None]:
        operation = self.schema.find_operation_by_id(call.name)

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        )
        @given(
            case=operation.as_strategy(generation_mode=mode),
            card=some.sampled_from([None, *self.cards]),
            entry=some.sampled_from([None, *self.entries]),
            works=some.sampled_from([False, False, True]),
        )
        def run(case: Case[Any], card: str | None, entry: str | None, works: bool) -> None:
            _there(case, {"program": "coffee", "card": card, "entry": entry})
            if works and call.example and mode is GenerationMode.POSITIVE:
                case.body = dict(call.example)
            if mode is GenerationMode.NEGATIVE:
                _pressed_anew(case, sum(heard.values()))
            heard[self._ask(case, mode)] += 1

        return run

    def _ask(self, case: Case[Any], mode: GenerationMode) -> int:
        headers = {"Authorization": f"Bearer {self.till.key}"}
        response = case.call(headers=headers)
        case.validate_response(response, headers=headers)
        if mode is GenerationMode.POSITIVE:
            _only_for_its_meaning(response)
        return response.status_code


def opened(till: Till) -> Asked:
    """Cards to ask about: a new one, one with points enough for a reward, one that was given back."""
    new, rich, left = till.join(), till.join(), till.join()
    till.shop.leave(left)
    till.buy(rich, **calls.PURCHASE.example)
    entries = [str(till.buy(rich, visits=100)["entry"]["id"]) for _ in range(10)]
    number = str(answer(till.get(f"/cards/{rich}"))["number"])
    return Asked(till, [rich, new, number, left], entries)


def _there(case: Case[Any], known: Mapping[str, str | None]) -> None:
    """Something that there is, where the address was not meant to be wrong."""
    place = case.meta.components.get(ParameterLocation.PATH) if case.meta else None
    if place is None or place.mode is not GenerationMode.NEGATIVE:
        for name in case.path_parameters:
            case.path_parameters[name] = known[name] or case.path_parameters[name]


def _pressed_anew(case: Case[Any], number: int) -> None:
    """A key that fits is one of its own: used before, it would be the reason of the refusal."""
    if KEY.fullmatch(case.headers.get("Idempotency-Key") or ""):
        case.headers["Idempotency-Key"] = f"{case.operation.label.encode().hex()}-{number}"[-128:]


def _only_for_its_meaning(response: Response) -> None:
    if response.status_code == 400:
        said: Any = json.loads(response.content)
        assert not said["type"].endswith("#idempotency-key-missing"), said
        refused = [fault["detail"] for fault in said.get("errors", ())]
        assert [detail for detail in refused if detail not in BEYOND_FORMS] == [], said
