"""Programs, looks and faces of every kind, for the tests of what Google gets."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.art.pixels import COFFEE
from wallet_service.actions import program_body
from wallet_service.actions.links import Links
from wallet_service.domain import wording
from wallet_service.domain.face import CardFace, HistoryLine
from wallet_service.domain.goals import first_goal
from wallet_service.domain.identifiers import card_number, grouped, serial_number
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind, Progress, Standing, progress, stage, usual_step
from wallet_service.google.look import GoogleLook

ISSUER = "3388000000012345678"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LINKS = Links("https://cards.example.com", ("s" * 32,))
LOOK = GoogleLook(theme=COFFEE, logo=LINKS.art("a" * 64), background="#21110a")
HERO = LINKS.art("b" * 64)
DEMO = json.loads((Path(__file__).parents[2] / "wallet_service/cli/demo_program.json").read_text())


def make_program(**changed: Any) -> Program:
    return program_body.program("coffee", 1, DEMO | changed)


def make_face(standing: Standing | None = None, program: Program | None = None, **changed: Any) -> CardFace:
    """Seven of twelve, unless told otherwise."""
    program = program or make_program()
    standing = standing or Standing(balance=7, endowed=2, gained=1, last=Kind.EARN)
    goal = first_goal(program)
    bar = progress(standing, goal.cost, cells=program.unit.cells, money=goal.money)
    number, serial = card_number(b"n" * 16), serial_number(b"s" * 16)
    face = CardFace(
        serial=serial,
        number=number,
        number_grouped=grouped(number),
        program=program.slug,
        template=program.template,
        organization=program.organization,
        languages=program.languages,
        program_name=program.name,
        news=wording.news(program, stage(standing, bar, usual_step((), program)), bar, goal),
        balance=wording.balance(program, bar),
        progress=bar,
        progress_text=wording.progress_text(program, bar, goal),
        to_go=wording.to_go(program, bar),
        reward=goal.name,
        rules=wording.rules(program),
        history=make_history(5),
        page=LINKS.page(serial),
        time_zone=program.time_zone,
    )
    return replace(face, **changed)


def make_history(lines: int) -> tuple[HistoryLine, ...]:
    return tuple(
        HistoryLine(NOON - timedelta(days=day), {"en": f"+{day} stamps", "ru": f"+{day} штампов"})
        for day in range(1, lines + 1)
    )


def _texts(most: int = 300) -> st.SearchStrategy[dict[str, str]]:
    words = st.text(min_size=1, max_size=most)
    return st.fixed_dictionaries({"en": words, "ru": words})


PROGRESSES = st.builds(
    Progress,
    value=st.integers(0, 10**12),
    goal=st.integers(1, 10**9),
    endowed=st.integers(0, 100),
    gained=st.integers(0, 100),
    cells=st.booleans(),
)

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001

FACES = st.builds(
    replace,
    st.just(make_face()),
    serial=st.binary(min_size=16, max_size=16).map(serial_number),
    number=st.binary(min_size=16, max_size=16).map(card_number),
    languages=st.sampled_from([("en",), ("ru",), ("en", "ru"), ("ru", "en")]),
    news=_texts(),
    reward=_texts(),
    rules=_texts(2000),
    progress=PROGRESSES,
    progress_text=_texts(),
    to_go=_texts(20),
    tier=st.none() | _texts(),
    history=st.lists(st.builds(HistoryLine, MOMENTS, _texts()), max_size=14).map(tuple),
    voided=st.booleans(),
    expires_at=st.none() | MOMENTS,
    time_zone=st.sampled_from(["UTC", "Europe/Moscow", "Asia/Kathmandu", "America/St_Johns"]),
)
