"""Whatever is sent, the API answers with a status that it names, and never falls."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.api.till import Till, problem

NAMES = some.sampled_from(
    "total currency visits items action receipt occurred_at store till channel payment".split()  # noqa: SIM905
    + "reward points reason approved_by name language source".split()  # noqa: SIM905
)
SCALARS = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.text()
    | some.datetimes(timezones=some.timezones()).map(lambda moment: moment.isoformat())
    | some.sampled_from(["coffee", "RUB", "en", "R-1", "2026-11-02T08:00:00Z", 1, 100, 20000, -5])
)
JUNK = some.recursive(
    SCALARS, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3)
)
BODIES = some.dictionaries(NAMES | some.text(max_size=10), SCALARS | JUNK, max_size=5) | JUNK
CALLS = some.sampled_from(["quotes", "purchases", "redemptions", "refunds", "adjustments"])
ALLOWED = {200, 201, 400, 401, 403, 404, 409, 413, 415, 429}
FEW = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FEW
@given(call=CALLS, said=BODIES)
def test_any_json_for_a_card(busy_till: Till, call: str, said: Any) -> None:
    expected(busy_till.post(f"/cards/{_card(busy_till)}/{call}", said))


@FEW
@given(said=BODIES)
def test_any_json_for_a_new_card(busy_till: Till, said: Any) -> None:
    expected(busy_till.post("/programs/coffee/cards", said))


@FEW
@given(data=some.binary(max_size=200), kind=some.sampled_from(["application/json", "text/plain", "", ";"]))
def test_any_bytes(busy_till: Till, data: bytes, kind: str) -> None:
    path = f"/cards/{_card(busy_till)}/purchases"
    expected(busy_till.ask("POST", path, data=data, Content_Type=kind, Idempotency_Key="k"))


@FEW
@given(
    card=some.text(max_size=30),
    key=some.text(some.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=140),
    language=some.text(some.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40),
)
def test_any_card_key_and_language(busy_till: Till, card: str, key: str, language: str) -> None:
    safe = card.encode(errors="replace").hex("%")
    path = f"/cards/%{safe}" if safe else "/cards/x"
    expected(busy_till.get(path, Accept_Language=language))
    purchases = f"/cards/{_card(busy_till)}/purchases"
    expected(
        busy_till.ask("POST", purchases, json={"visits": 1}, Idempotency_Key=key, Accept_Language=language)
    )
    expected(busy_till.get(path, Authorization=f"Bearer {key}"))


def expected(response: Any) -> None:
    assert response.status_code in ALLOWED
    if response.status_code >= 400:
        problem(response)


def _card(till: Till) -> str:
    """One for all of them: what it bears, it bears."""
    return str(till.post("/programs/coffee/cards", {}, key="the-card-that-bears-it-all").json["serial"])  # type: ignore[index]
