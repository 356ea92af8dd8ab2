"""The document of the machine API is what the service does: no more, no less, and nothing falls."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openapi_pydantic.v3.v3_1 import OpenAPI
from schemathesis import GenerationMode
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from tests.api import asked
from tests.api.asked import Asked
from tests.api.till import Till, make_till
from tests.services import postgres
from wallet_service.api.calls import CALLS, Call

BOUNDLESS = "1000000000"
PAPERS = {"/openapi.json", "/docs", "/docs.css"}
DATABASES = ["sqlite", "postgresql"] if os.environ.get("LONG") else ["sqlite"]


@pytest.fixture(scope="module", params=DATABASES)
def everything(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("asked")
    if request.param == "sqlite":
        with make_till(folder, WALLET_API_RATE=BOUNDLESS) as till:
            yield asked.opened(till)
        return
    with (
        postgres.database(request.getfixturevalue("postgres_url")) as address,
        make_till(folder, address, WALLET_API_RATE=BOUNDLESS) as till,
    ):
        yield asked.opened(till)


@pytest.mark.parametrize("mode", asked.MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_whatever_is_asked_the_answer_is_in_the_document(
    everything: Asked, call: Call, mode: GenerationMode
) -> None:
    heard = everything.everything(call, mode)
    assert 500 not in heard
    if mode is GenerationMode.POSITIVE:
        assert heard[call.status] > 0


def test_two_thousand_questions_are_asked() -> None:
    assert asked.EXAMPLES * len(asked.MODES) * len(CALLS) >= 2_000


def test_the_document_names_every_call_and_no_other(till: Till) -> None:
    rules = [rule for rule in till.app.url_map.iter_rules() if str(rule).startswith("/api/v1/")]
    served = {
        (method, str(rule).removeprefix("/api/v1").replace("<", "{").replace(">", "}"))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    document = OpenAPI.model_validate(till.app.test_client().get("/api/v1/openapi.json").json)
    told = {
        (method.upper(), path)
        for path, item in (document.paths or {}).items()
        for method in ("get", "post", "put", "patch", "delete")
        if getattr(item, method) is not None
    }
    assert told == {one for one in served if one[1] not in PAPERS}


def test_the_document_has_the_form_that_the_standard_prints(till: Till) -> None:
    OPENAPI_31_VALIDATOR.validate(till.app.test_client().get("/api/v1/openapi.json").json)


def test_bounds_of_whole_numbers_are_whole(till: Till) -> None:
    """A generator of clients takes 1000.0 for a fraction."""
    text = till.app.test_client().get("/api/v1/openapi.json").get_data(as_text=True)
    assert not re.search(r'"(?:minimum|maximum)": *-?[0-9]+\.', text)


def test_the_document_is_open_to_everybody_and_fetched_once(tmp_path: Path) -> None:
    with make_till(tmp_path) as till, till.app.test_client() as client:
        first = client.get("/api/v1/openapi.json")
        again = client.get("/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
        russian = client.get("/api/v1/openapi.json", headers={"Accept-Language": "ru"})
    assert (first.status_code, first.mimetype, again.status_code) == (200, "application/json", 304)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert russian.data == first.data
