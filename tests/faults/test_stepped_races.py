"""Two at the same moment, in every order of their steps: nothing is forgotten, doubled, or left behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.apple.phones import PASS_TYPE, Phones
from tests.faults.stepper import Script, orders, play
from tests.push.notebook import Notebook
from tests.services import databases
from tests.shop import Shop, make_shop
from wallet_service.actions import redeem
from wallet_service.apple.service import devices
from wallet_service.apple.waking import push_effects
from wallet_service.db import queries
from wallet_service.db.tables import Card, Device, GoogleCallback, GoogleCard, LedgerEntry, Outbox
from wallet_service.domain.errors import WalletError
from wallet_service.google import callback_effect
from wallet_service.google.callback import SAVE, Event
from wallet_service.push import outbox
from wallet_service.push.wallet import TOLD, Note
from wallet_service.push.worker import Worker


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    """Whose PostgreSQL lets an actor wait for a lock as long as the test does: machines stand still."""
    patience = "" if database_url.startswith(databases.SQLITE) else "%20-clock_timeout%3D30s"
    shop = make_shop(tmp_path, f"{database_url}{patience}")
    yield shop
    shop.services.sessions.close()


@dataclass
class Outside:
    """A wallet that believes whoever speaks last."""

    shop: Shop
    card: str
    shown: int = 0
    told: list[int] = field(default_factory=list)

    def row(self) -> Card:
        with self.shop.services.sessions.read() as session:
            return session.scalars(select(Card).where(Card.serial == self.card)).one()

    def hear(self, version: int) -> None:
        self.shown = version
        self.told.append(version)

    def settles(self) -> None:
        """A worker goes on until there is nothing left to tell."""
        notebook = Notebook(self.shop.services.sessions)
        worker = Worker(self.shop.services.sessions, notebook, self.shop.clock)
        for _ in range(3):
            self.shop.clock.forward(seconds=61)
            worker.run_until_idle()
        for card_id, version in notebook.heard:
            if card_id == self.row().id:
                self.hear(version)


def a_sale(shop: Shop, card: str) -> Script:
    """Locks the card, raises the mark, commits."""

    def script() -> Iterator[None]:
        with shop.services.sessions.begin() as session:
            row = queries.card_for_update(session, card)
            row.version += 1
            session.flush()
            yield
            outbox.card_changed(
                session, card_id=row.id, version=row.version, wallets=["apple"], now=shop.clock()
            )
            yield
        yield

    return script


def a_telling(shop: Shop, outside: Outside, *, later: timedelta = timedelta()) -> Script:
    """Claims, reads the newest state, calls out, writes down; `later` is how late its clock says it comes."""

    def script() -> Iterator[None]:
        with shop.services.sessions.begin() as session:
            lease, notes = outbox.claim(session, "apple", shop.clock() + later)
        yield
        version = outside.row().version
        yield
        if notes:
            outside.hear(version)
        yield
        with shop.services.sessions.begin() as session:
            outbox.settle(session, lease, [(note, TOLD) for note in notes], shop.clock() + later)
        yield

    return script


def at_rest(shop: Shop, outside: Outside) -> dict[str, Any]:
    with shop.services.sessions.read() as session:
        mark = session.scalars(select(Outbox).where(Outbox.card_id == outside.row().id)).one()
    version = outside.row().version
    return {"shown": outside.shown - version, "told": mark.told - version, "wanted": mark.wanted - version}


def test_finding_3_a_sale_while_it_is_being_told_is_told_in_every_order(shop: Shop) -> None:
    """The hole of unique jobs: a change that comes while the job runs, and finds it in the queue."""
    wrong = {}
    for order in orders(3, 4):
        outside = Outside(shop, shop.join())
        play([a_sale(shop, outside.card), a_telling(shop, outside)], order)
        outside.settles()
        if any(at_rest(shop, outside).values()):
            wrong[order] = at_rest(shop, outside)
    assert wrong == {}


def test_finding_9_a_worker_that_wakes_up_late_leaves_no_old_state_behind(shop: Shop) -> None:
    """The first has read an old state and slept over its lease; the second tells a newer one."""
    wrong = {}
    for order in orders(2, 4):
        outside = Outside(shop, shop.join())
        with shop.services.sessions.begin() as session:
            lease, notes = outbox.claim(session, "apple", shop.clock())
        old = outside.row().version
        shop.earn(outside.card)

        def wakes_up(
            outside: Outside = outside, old: int = old, lease: str = lease, notes: list[Note] = notes
        ) -> Iterator[None]:
            outside.hear(old)
            yield
            with shop.services.sessions.begin() as session:
                outbox.settle(session, lease, [(note, TOLD) for note in notes], shop.clock())
            yield

        play([wakes_up, a_telling(shop, outside, later=timedelta(seconds=31))], order)
        outside.settles()
        if any(at_rest(shop, outside).values()):
            wrong[order] = at_rest(shop, outside)
    assert wrong == {}


def test_finding_9_two_workers_of_whom_the_second_comes_after_the_lease_in_every_order(shop: Shop) -> None:
    wrong = {}
    for order in (order for order in orders(4, 4) if order[:2] == (0, 0)):  # it has read before the other
        outside = Outside(shop, shop.join())
        late = a_telling(shop, outside, later=timedelta(seconds=31))
        play([a_telling(shop, outside), late], order)
        outside.settles()
        if any(at_rest(shop, outside).values()):
            wrong[order] = at_rest(shop, outside)
    assert wrong == {}


@dataclass
class Listing:
    """A phone that asks what is new, once each time it is called, with the tag of the time before."""

    shop: Shop
    token: str
    tag: str
    seen: set[str] = field(default_factory=set)

    def __call__(self) -> Iterator[None]:
        device = f"phone-{self.token}"
        with self.shop.services.sessions.read() as session:
            changed = devices.changed_since(session, device=device, pass_type=PASS_TYPE, tag=self.tag)
        assert changed is not None
        self.seen.update(changed.serials)
        self.tag = changed.tag
        yield


def numbering(shop: Shop, card: str) -> Script:
    def script() -> Iterator[None]:
        with shop.services.sessions.begin() as session:
            found = session.scalars(select(Card.id).where(Card.serial == card)).one()
            devices.number_changes(session, PASS_TYPE, [found])
            yield
        yield

    return script


def test_T2_T3_a_phone_that_lists_between_two_numberings_misses_no_change(shop: Shop) -> None:
    """Numbers become visible in their order, whichever worker gives them, so a tag never stands above a
    change that is still to come.
    """
    phones, missed = Phones(shop), {}
    for order in orders(2, 2, 1):
        cards = [shop.join(), shop.join()]
        token = f"{shop.key()}".encode().hex().ljust(64, "0")
        for card in cards:
            phones.register(card, token)
        lists = Listing(shop, token, f"00000001{phones.kind().last_number}")
        play([numbering(shop, cards[0]), numbering(shop, cards[1]), lists], order)
        list(lists())
        if lists.seen != set(cards):
            missed[order] = len(lists.seen)
    assert missed == {}


def test_one_reward_that_two_tills_redeem_goes_out_once_in_every_order(shop: Shop) -> None:
    wrong = {}
    for order in orders(2, 2):
        card = shop.join()
        shop.earn(card, visits=10)
        refused: list[str] = []
        play(
            [_redeeming(shop, card, shop.key(), refused), _redeeming(shop, card, shop.key(), refused)], order
        )
        if (len(refused), _redeemed(shop, card)) != (1, 1):
            wrong[order] = (refused, _redeemed(shop, card))
    assert wrong == {}


def test_one_press_that_arrives_twice_at_the_same_moment_is_booked_once_in_every_order(shop: Shop) -> None:
    wrong = {}
    for order in orders(2, 2):
        card, key = shop.join(), shop.key()
        shop.earn(card, visits=10)
        refused: list[str] = []
        play([_redeeming(shop, card, key, refused), _redeeming(shop, card, key, refused)], order)
        if (refused, _redeemed(shop, card)) != ([], 1):
            wrong[order] = (refused, _redeemed(shop, card))
    assert wrong == {}


def _redeeming(shop: Shop, card: str, key: str, refused: list[str]) -> Script:
    def script() -> Iterator[None]:
        try:
            with shop.services.sessions.begin() as session:
                redeem.redeem(session, card=card, reward="coffee", **shop._press(key))
                yield
        except WalletError as no:
            refused.append(type(no).__name__)
        yield

    return script


def _redeemed(shop: Shop, card: str) -> int:
    with shop.services.sessions.read() as session:
        kinds = session.scalars(select(LedgerEntry.kind).join(Card).where(Card.serial == card))
        return sum(kind == "redeem" for kind in kinds)


def test_G33_a_callback_that_comes_twice_counts_once_and_loses_no_mark_in_every_order(shop: Shop) -> None:
    """Beside a sale that is booked at the same moment."""
    wrong = {}
    for order in orders(2, 2, 1):
        outside = Outside(shop, shop.join())
        object_id, nonce = f"3388.{outside.card}", shop.key()
        with shop.services.sessions.begin() as session:
            session.add(GoogleCard(card_id=outside.row().id, object_id=object_id))
        event = Event(SAVE, "3388.coffee", object_id, nonce, shop.clock() + timedelta(hours=1))
        first: list[bool] = []

        def hears(event: Event = event, first: list[bool] = first) -> Iterator[None]:
            with shop.services.sessions.begin() as session:
                first.append(callback_effect.apply(session, event, shop.clock()))
                yield
            yield

        def sells(card: str = outside.card) -> Iterator[None]:
            shop.earn(card)
            yield

        play([hears, hears, sells], order)
        outside.settles()
        with shop.services.sessions.read() as session:
            kept = session.get(GoogleCallback, nonce) is not None
        if (sorted(first), kept, any(at_rest(shop, outside).values())) != ([False, True], True, False):
            wrong[order] = first
    assert wrong == {}


def test_a_phone_that_registers_anew_while_apns_calls_it_gone_stays_in_every_order(shop: Shop) -> None:
    """N10: the 410 speaks of the moment before."""
    phones, gone = Phones(shop), {}
    for order in orders(2, 1):
        card = shop.join()
        device = phones.register(card, f"{shop.key()}".encode().hex().ljust(64, "0"))
        said_at = shop.clock.forward(seconds=10)

        def forgets(device: int = device, said_at: Any = said_at) -> Iterator[None]:
            with shop.services.sessions.begin() as session:
                row = session.get_one(Device, device, with_for_update=True)
                yield
                push_effects._forget(session, row, said_at, shop.clock())
            yield

        shop.clock.forward(seconds=10)

        def registers(device: int = device) -> Iterator[None]:
            with shop.services.sessions.begin() as session:
                session.get_one(Device, device, with_for_update=True).token_set_at = shop.clock()
            yield

        before = phones.count()
        play([forgets, registers], order)
        if order[0] == 1 and phones.count() != before:
            gone[order] = phones.count()
    assert gone == {}
