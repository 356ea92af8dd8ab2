"""Why a card shows no update: every cause is found, in the order in which one would look (N20)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.apple.followed import added, tell
from tests.apple.service_fixtures import PASS_TYPE, Service
from wallet_service.actions.why import Step
from wallet_service.apple.service import why
from wallet_service.apple.waking import push_effects
from wallet_service.cli.template import MODEL
from wallet_service.db import queries
from wallet_service.db.tables import (
    ApplePass,
    ApplePassType,
    Base,
    Campaign,
    Card,
    Device,
    Installation,
    Outbox,
    PushPace,
)
from wallet_service.domain.detail import Detail

CHAIN = [
    *("worker", "quarantine", "mark", "parked", "lease", "circuit", "campaign"),
    *("notice", "list", "papers", "updates", "limits", "reported", "reached"),
]


@pytest.fixture
def card(service: Service) -> str:
    """All is well: a worker runs, and a phone has the newest."""
    card = added(service)
    with service.shop.services.sessions.begin() as session:
        device = session.scalars(select(Device)).one()
        session.add(PushPace(device_id=device.id, pass_type=PASS_TYPE, pushed_at=service.clock(), pushes=1))
    bought(service, card)
    return card


def bought(service: Service, card: str) -> None:
    service.shop.earn(card)
    tell(service)
    service.phone().listed()
    service.phone().fetch(card)
    service.desk.sightings.write()
    worker_runs(service)


def worker_runs(service: Service) -> None:
    with service.shop.services.sessions.begin(in_quarantine=True) as session:
        now = service.clock()
        if session.get(Installation, 1) is None:
            session.add(Installation(id=1, life="test", created_at=now))
            session.flush()
        session.execute(update(Installation).values(seen_at=now))


def chain(service: Service, card: str) -> list[Step]:
    with service.shop.services.sessions.read() as session:
        return why.chain(service.desk, session, queries.card(session, card), service.clock())


def reason(service: Service, card: str) -> tuple[str, str]:
    step = next(step for step in chain(service, card) if not step.good)
    return step.question, step.case


def write(service: Service, table: type[Base], **values: object) -> None:
    with service.shop.services.sessions.begin() as session:
        session.execute(update(table).values(**values))


def test_N20_the_whole_chain_is_asked_in_its_order(service: Service, card: str) -> None:
    steps = chain(service, card)
    assert [step.question for step in steps] == CHAIN
    assert [step for step in steps if not step.good] == []


def test_no_worker_is_the_first_reason(service: Service, card: str) -> None:
    service.shop.earn(card)
    service.clock.forward(minutes=4)
    assert reason(service, card) == ("worker", "gone")
    write(service, Installation, seen_at=None)
    assert reason(service, card) == ("worker", "never")


def test_a_mark_that_waits_says_for_what_and_behind_how_many(service: Service, card: str) -> None:
    service.shop.earn(card)
    assert reason(service, card) == ("mark", "later")  # two seconds after the last telling
    others = [service.shop.join() for _ in range(3)]
    assert others
    service.clock.forward(seconds=3)
    worker_runs(service)
    step = next(step for step in chain(service, card) if not step.good)
    assert (step.question, step.case, step.facts["before"]) == ("mark", "due", 3)
    write(service, Outbox, last_error="APNs: 500", tries=2)
    assert reason(service, card) == ("mark", "failed")


def test_what_was_given_up_and_what_is_being_told_are_named(service: Service, card: str) -> None:
    service.shop.earn(card)
    now = service.clock()
    write(service, Outbox, parked=True, tries=10, lease_until=now + timedelta(seconds=9), lease_token="a")
    bad = {step.question for step in chain(service, card) if not step.good}
    assert {"mark", "parked", "lease"} <= bad


def test_an_open_circuit_is_named_with_what_apns_said(service: Service, card: str) -> None:
    write(service, ApplePassType, circuit_open_since=service.clock(), circuit_reason="BadCertificate")
    step = next(step for step in chain(service, card) if not step.good)
    assert (step.question, step.facts["error"]) == ("circuit", "BadCertificate")
    with service.shop.services.sessions.begin() as session:
        push_effects.open_circuit(session, PASS_TYPE, push_effects.TOO_MANY_BAD, service.clock())
    error = next(step for step in chain(service, card) if not step.good).facts["error"]
    assert isinstance(error, Detail)
    assert error.case == "apns/too-many-bad"


@pytest.mark.parametrize(
    ("state", "case"), [("running", "waits"), ("paused", "stands"), ("halted", "stands")]
)
def test_a_new_look_that_has_not_come_to_this_card_is_named(
    service: Service, card: str, state: str, case: str
) -> None:
    with service.shop.services.sessions.begin() as session:
        row = queries.card(session, card)
        session.add(
            Campaign(
                program_id=row.program_id,
                from_version=1,
                to_version=2,
                state=state,
                steps=[1, 100],
                percent=row.id % 100,
                step_at=service.clock(),
                bound=row.id,
                total=1,
                actor="staff:1",
                created_at=service.clock(),
            )
        )
    assert reason(service, card) == ("campaign", case)


def test_a_database_that_stands_still_is_named(service: Service, card: str) -> None:
    write(service, Installation, quarantined_at=service.clock())
    assert reason(service, card) == ("quarantine", "yes")


def silent(templates: Path) -> None:
    body = templates / MODEL.name / "pass.json"
    body.write_text(body.read_text().replace('"changeMessage": "%@"', '"changeMessage": " "'))


def test_N20_first_a_field_that_changes_without_a_change_message(
    open_service: Callable[..., Service], tmp_path: Path
) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(MODEL, templates / MODEL.name)
    silent(templates)
    service = open_service(WALLET_TEMPLATES_DIR=str(templates))
    card = added(service)
    bought(service, card)
    assert reason(service, card) == ("notice", "silent")


def test_a_quiet_change_is_told_as_one_and_is_no_reason(service: Service, card: str) -> None:
    write(service, Outbox, notify=False)
    steps = {step.question: step.case for step in chain(service, card)}
    assert steps["notice"] == "quiet"


@pytest.mark.parametrize("table", [ApplePassType, PushPace], ids=["counter", "phone"])
def test_N20_second_a_list_that_went_back_behind_what_phones_know(
    service: Service, card: str, table: type[Base]
) -> None:
    if table is PushPace:
        write(service, PushPace, listed_number=99)
    else:
        write(service, ApplePassType, last_number=0)
    assert reason(service, card) == ("list", "ahead")


def test_N20_second_a_change_without_its_place_in_the_list(service: Service, card: str) -> None:
    write(service, ApplePass, numbered_version=0)
    assert reason(service, card) == ("list", "unnumbered")


def test_N20_third_a_certificate_that_is_gone_or_of_another_pass_type(service: Service, card: str) -> None:
    with service.shop.services.sessions.begin() as session:
        session.add(ApplePassType(identifier="pass.other", epoch="00000001"))
        session.flush()
        session.execute(update(ApplePass).values(pass_type="pass.other"))
    assert ("papers", "none") in [(step.question, step.case) for step in chain(service, card)]


def test_N20_fourth_updates_that_were_switched_off(service: Service, card: str) -> None:
    service.phone().unregister(card)
    assert reason(service, card) == ("updates", "off")


def test_N19_a_card_that_only_another_wallet_app_holds(service: Service, card: str) -> None:
    write(service, Device, push_token="no-token-of-apns")
    assert reason(service, card) == ("updates", "other-app")


def test_N20_fifth_the_limits_of_apns_of_ours_and_of_the_phone(service: Service, card: str) -> None:
    write(service, PushPace, not_before=service.clock() + timedelta(minutes=10))
    assert reason(service, card) == ("limits", "apns")
    write(service, PushPace, not_before=None)
    for _ in range(why.OFTEN):
        service.clock.forward(minutes=1)
        bought(service, card)
    assert reason(service, card) == ("limits", "often")
    service.clock.forward(hours=3)
    worker_runs(service)
    assert [step for step in chain(service, card) if not step.good] == []


def test_N12_a_quiet_change_that_keeps_its_distance_is_named(service: Service, card: str) -> None:
    service.shop.earn(card)
    write(service, Outbox, notify=False)
    assert ("limits", "quiet") in [(step.question, step.case) for step in chain(service, card)]


def test_what_the_phone_itself_reports_counts_until_a_phone_has_the_card(service: Service, card: str) -> None:
    service.clock.forward(minutes=1)
    line = f"Get pass task (serial number {card}) encountered error: Invalid pass data: x"
    service.phone().ask("POST", "/apple/v1/log", json={"logs": [line]})
    worker_runs(service)
    assert reason(service, card) == ("reported", "complaint")
    service.clock.forward(minutes=1)
    bought(service, card)
    assert {step.case for step in chain(service, card) if step.question == "reported"} == {"nothing"}


def test_how_far_the_last_telling_came(service: Service, card: str) -> None:
    service.clock.forward(minutes=1)
    _, tag = service.phone().listed()
    service.shop.earn(card)
    tell(service)
    worker_runs(service)
    assert reason(service, card) == ("reached", "accepted")
    service.phone().listed(tag)
    service.desk.sightings.write()
    assert reason(service, card) == ("reached", "listed")


def test_a_card_that_was_never_in_a_wallet(service: Service) -> None:
    card = service.shop.join()
    tell(service)
    worker_runs(service)
    assert chain(service, card)[-1] == Step("added", "never", good=False)


def test_on_both_databases_the_chain_can_be_asked(on_both: Service) -> None:
    card = added(on_both)
    bought(on_both, card)
    assert [step for step in chain(on_both, card) if not step.good] == []
    with on_both.shop.services.sessions.read() as session:
        (phone,) = why.phones(session, session.scalars(select(ApplePass)).one())
        assert session.scalars(select(Card.serial)).one() == card
    assert phone.registered_at <= on_both.clock()
