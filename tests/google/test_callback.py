"""What Google calls when somebody saves or removes a card: believed once, and only when it is Google's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.robotparser import RobotFileParser

import pytest
import requests
from sqlalchemy import func, select, text

from simulators.google_wallet.accounts import ISSUER
from simulators.google_wallet.forger import FORGERIES, Event, Forger
from simulators.google_wallet.process import Simulator
from tests.google.google_shop import GoogleShop
from wallet_service.db.tables import GoogleCallback, GoogleCard
from wallet_service.google.callback import LONGEST_NAME
from wallet_service.google.callback_signature import link_of_message


@pytest.fixture
def card(google_shop: GoogleShop) -> str:
    """A card whose save Google has not told of."""
    google_shop.outside.turn(callbacks=False)
    return google_shop.saved_card()


def address(shop: GoogleShop) -> str:
    return f"{shop.services.settings.public_url}/google/callback"


def sent(shop: GoogleShop, card: str, how: str | None = None, **more: Any) -> list[int]:
    """By the simulated Google; answers what our endpoint said to each."""
    body = {"object": shop.object_id(card), **more} | ({"how": how} if how else {})
    told = shop.outside.ask("POST", "/callbacks/forge" if how else "/callbacks", body)
    return [one["status"] for one in told["callbacks"]]


def kept(shop: GoogleShop) -> int:
    with shop.services.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(GoogleCallback)) or 0


def post(shop: GoogleShop, body: bytes) -> requests.Response:
    return requests.post(address(shop), data=body, headers={"Content-Type": "application/json"}, timeout=10)


@pytest.fixture
def forger(google_shop: GoogleShop) -> Forger:
    """A Google of our own, whose keys nobody publishes."""
    return Forger(google_shop.clock)


def event(shop: GoogleShop, card: str, **changes: str) -> Event:
    return Event("save", f"{ISSUER}.coffee", shop.object_id(card), **changes)


def test_G28_the_class_names_our_callback_and_robots_may_come(google_shop: GoogleShop, card: str) -> None:
    (saved,) = google_shop.outside.classes().values()
    assert saved["callbackOptions"]["url"] == address(google_shop)
    robots = RobotFileParser(f"{google_shop.services.settings.public_url}/robots.txt")
    robots.read()
    assert robots.can_fetch("Googlebot", address(google_shop))
    assert not robots.can_fetch("Googlebot", google_shop.services.links.page(card))


def test_G30_G35_a_genuine_callback_is_taken(google_shop: GoogleShop, card: str) -> None:
    assert sent(google_shop, card) == [200]
    known = google_shop.known(card)
    assert (known.saved_at, known.look_at) == (google_shop.clock(), google_shop.clock())


def test_G29_the_strings_are_verified_as_they_came(google_shop: GoogleShop, card: str) -> None:
    """The same key, written with a plain "=": equal as JSON, and refused."""
    assert sent(google_shop, card, "rewritten_key") == [401]


def test_G30_lengths_are_counted_in_bytes() -> None:
    assert link_of_message("3388", "ё").endswith(b"\x02\x00\x00\x00\xd1\x91")


UNVERIFIED = {
    "tampered_message", "swapped_event", "rewritten_key", "unknown_root", "expired_root",
    "root_of_another_protocol", "expired_intermediate", "expired_message", "wrong_sender",
    "wrong_protocol", "another_issuer", "ours_signed_for_another", "another_issuers_object", "odd_base64",
}  # fmt: skip


@pytest.mark.parametrize("how", sorted(FORGERIES))
def test_G36_S21_every_forgery_is_refused_and_writes_nothing(
    google_shop: GoogleShop, card: str, how: str
) -> None:
    (status,) = sent(google_shop, card, how)
    assert status == (401 if how in UNVERIFIED else 413 if how in ("megabyte", "deep_body") else 400)
    assert kept(google_shop) == 0
    assert google_shop.known(card).look_at is None


def test_G35_all_that_cannot_be_verified_is_answered_with_the_same_bytes(
    google_shop: GoogleShop, card: str, forger: Forger
) -> None:
    bodies = [forger.genuine(event(google_shop, card))]
    bodies += [forger.forged(how, event(google_shop, card)) for how in sorted(UNVERIFIED)]
    answers = {_without_date(post(google_shop, body)) for body in bodies}
    assert len(answers) == 1


def _without_date(answer: requests.Response) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    headers = sorted(
        (name, value) for name, value in answer.headers.items() if name not in ("Date", "X-Request-Id")
    )
    return answer.status_code, answer.content, tuple(headers)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"7", b'"save"', b"{}", b"\xff\xfe", b"[" * 10_000, b'{"signature": NaN}',
        b'{"signature": "x", "intermediateSigningKey": [], "protocolVersion": "ECv2SigningOnly"}',
        b'{"signature":"","protocolVersion":"ECv2SigningOnly","signedMessage":"{}",'
        b'"intermediateSigningKey":{"signedKey":"{}","signatures":[7]}}',
    ],
)  # fmt: skip
def test_G36_junk_is_malformed_and_never_a_fault_of_ours(google_shop: GoogleShop, body: bytes) -> None:
    answer = post(google_shop, body)
    assert (answer.status_code, answer.content) == (400, b"")


def test_G36_a_signed_key_that_is_odd_unicode_is_refused(google_shop: GoogleShop) -> None:
    body = (
        b'{"signature":"","protocolVersion":"ECv2SigningOnly","signedMessage":"\\ud800",'
        b'"intermediateSigningKey":{"signedKey":"\\ud800","signatures":["AAAA", "\\ud800"]}}'
    )
    assert post(google_shop, body).status_code == 401


def test_G36_a_megabyte_in_pieces_is_not_read(google_shop: GoogleShop) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"signature": "'
        yield b"x" * 100_000

    answer = requests.post(address(google_shop), data=pieces(), timeout=10)
    assert answer.status_code in (400, 413)


def test_G33_S21_the_same_letter_ten_times_at_once_has_one_effect(google_shop: GoogleShop, card: str) -> None:
    assert sent(google_shop, card, times=10) == [200] * 10
    assert kept(google_shop) == 1


def test_G33_a_replay_an_hour_later_has_died_of_age(google_shop: GoogleShop, card: str) -> None:
    sent(google_shop, card)
    google_shop.clock.forward(minutes=61)
    told = google_shop.outside.ask("POST", "/callbacks/replay", {})
    assert [one["status"] for one in told["callbacks"]] == [401]


def test_G33_a_nonce_of_any_length_is_remembered(google_shop: GoogleShop, card: str) -> None:
    with google_shop.services.sessions.read() as session:
        assert session.scalar(select(GoogleCard.object_id)) is not None
    assert len("x" * LONGEST_NAME) == 128
    from wallet_service.google.callback import _short

    assert _short("n" * 128) == "n" * 128
    assert len(_short("n" * 129)) == 64


def test_G34_order_is_not_believed_and_a_removal_touches_no_card(google_shop: GoogleShop, card: str) -> None:
    assert sent(google_shop, card, event="del") == [200]
    assert sent(google_shop, card, event="save") == [200]
    known = google_shop.known(card)
    assert known.removed_at is not None
    assert known.saved_at is not None
    assert known.look_at is not None  # Google itself is asked what holds
    assert google_shop.face(card).voided is False


def test_G35_a_card_that_we_do_not_know_is_taken_note_of(google_shop: GoogleShop, card: str) -> None:
    with google_shop.services.sessions.begin() as session:
        session.execute(text("DELETE FROM google_card"))
    assert sent(google_shop, card) == [200]
    assert kept(google_shop) == 1


def test_G35_a_database_that_is_down_is_503(google_shop: GoogleShop, card: str) -> None:
    with google_shop.services.sessions.begin() as session:
        session.execute(text("ALTER TABLE google_callback RENAME TO elsewhere"))
    assert sent(google_shop, card) == [503]


# keys


def fetches(google: Simulator) -> int:
    return len(google.calls("/callback-keys"))


def test_G32_the_keys_are_fetched_once_for_many_callbacks(google_shop: GoogleShop, card: str) -> None:
    sent(google_shop, card, times=20)
    for _ in range(5):
        sent(google_shop, card)
    assert fetches(google_shop.outside) == 1


def test_G32_a_surprise_rotation_is_met_by_one_fetch(google_shop: GoogleShop, card: str) -> None:
    assert sent(google_shop, card) == [200]
    google_shop.outside.ask("POST", "/callbacks/rotate-root", {})
    google_shop.clock.forward(minutes=6)
    assert sent(google_shop, card, times=8) == [200] * 8
    assert fetches(google_shop.outside) == 2


def test_G32_forged_callbacks_cost_no_fetch_each(google_shop: GoogleShop, card: str) -> None:
    sent(google_shop, card)
    google_shop.clock.forward(minutes=6)
    sent(google_shop, card, "unknown_root", times=20)
    sent(google_shop, card, "unknown_root", times=20)
    assert fetches(google_shop.outside) == 2


def test_G32_keys_are_kept_a_day_at_most(google_shop: GoogleShop, card: str) -> None:
    sent(google_shop, card)
    google_shop.clock.forward(hours=25)
    sent(google_shop, card)
    assert fetches(google_shop.outside) == 2


@pytest.mark.parametrize("form", ["answer", "truncated", "rubbish", "reset"])
def test_G32_unknown_keys_are_503_and_a_crowd_asks_once(
    google_shop: GoogleShop, card: str, form: str
) -> None:
    google_shop.outside.script(path="/callback-keys", form=form, status=500, times=0)
    with ThreadPoolExecutor(4) as crew:
        answers = list(crew.map(lambda _: sent(google_shop, card), range(4)))
    assert answers == [[503]] * 4
    assert fetches(google_shop.outside) == 1
    google_shop.outside.ask("DELETE", "/knobs")
    google_shop.clock.forward(minutes=6)
    assert sent(google_shop, card) == [200]


def test_G32_keys_that_were_known_outlast_a_silent_address(google_shop: GoogleShop, card: str) -> None:
    sent(google_shop, card)
    google_shop.outside.script(path="/callback-keys", status=503, times=0)
    google_shop.clock.forward(hours=25)
    google_shop.outside.forward(timedelta(hours=25).total_seconds())
    assert sent(google_shop, card) == [200]
