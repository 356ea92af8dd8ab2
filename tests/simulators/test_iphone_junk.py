"""Whatever a bundle holds, the phone takes it or refuses it; it never falls over."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.iphone.archive import check_manifest, open_archive
from simulators.iphone.bundle import Bundle, Trust, open_bundle
from simulators.iphone.face import face_of, notice_of
from simulators.iphone.pass_rules import check_pass
from simulators.iphone.pictures import check_pictures
from simulators.iphone.refusal import Refused
from simulators.iphone.showing import show_card
from simulators.iphone.state import HeldCard, PhoneState
from tests.simulators.bundle_maker import coffee, coffee_files, coffee_pass, make_papers

NOW = datetime(2026, 11, 21, tzinfo=UTC)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["0001-01-01T00:00:00+14:00", "rgb(1, 2, 3)", "PKDateStyleShort", "USD", "%@", "hex", "\0"]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)
EXTRA = (
    "currencyCode",
    "numberStyle",
    "dateStyle",
    "timeStyle",
    "textAlignment",
    "attributedValue",
    "isRelative",
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every spot in pass.json that can be replaced, and some that could be there."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    if isinstance(value, dict) and "key" in value:
        found += [(*path, name) for name in EXTRA]
    for name, child in inside:
        found += places(child, (*path, name))
    return found


def replaced(content: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed: Any = copy.deepcopy(content)
    spot = changed
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = value
    return dict(changed)


PASS = coffee_pass() | {"expirationDate": "2030-01-01T00:00Z", "locations": [{"latitude": 1, "longitude": 2}]}


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(places(PASS)), JUNK)
def test_any_value_in_any_place_is_refused_or_shown(path: tuple[Any, ...], value: Any) -> None:
    content = replaced(PASS, path, value)
    try:
        style = check_pass(content, allow_http=False)
    except Refused:
        return
    manifest = {"manifest.json": b"{}"}
    old = Bundle(b"", coffee_files(2) | manifest, PASS, "storeCard", "", {"ru": {}}, {})
    new = Bundle(b"", coffee_files(2) | manifest, content, style, "", {"ru": {}}, {})
    phone = PhoneState("one", "ru")
    assert json.dumps(show_card(phone, HeldCard(new, NOW, NOW), NOW))
    assert face_of(new, "en").organization == content["organizationName"]
    notice_of(old, new, "ru")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Path]:
    return coffee(make_papers(), 2), make_papers().write_root(tmp_path_factory.mktemp("root"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_flipped_byte_gets_past_zip_and_manifest_unseen(
    good: tuple[bytes, Path], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(good[0]) - 1))
    flipped = data.draw(st.integers(1, 255))
    damaged = good[0][:place] + bytes([good[0][place] ^ flipped]) + good[0][place + 1 :]
    try:
        files = open_archive(damaged)
        check_manifest(files)
        check_pictures(files, "storeCard")
    except Refused:
        return
    whole = open_archive(good[0])
    assert {name: files[name] for name in whole if name not in ("manifest.json", "signature")} == {
        name: whole[name] for name in whole if name not in ("manifest.json", "signature")
    }


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_rubbish_as_a_bundle_is_refused(good: tuple[bytes, Path], junk: bytes) -> None:
    with pytest.raises(Refused):
        open_bundle(junk, Trust(good[1]), NOW)
