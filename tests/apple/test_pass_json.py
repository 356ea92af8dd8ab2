"""A face becomes pass.json and strings as phones want them."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.apple.made_templates import (
    COFFEE,
    IDENTITY,
    NOON,
    Phone,
    build,
    make_face,
    make_template,
    simple_body,
    with_fields,
)
from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import Identity
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.pass_dates import is_w3c, w3c
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.domain import wording
from wallet_service.domain.errors import Misconfigured
from wallet_service.domain.face import CardFace, HistoryLine
from wallet_service.domain.goals import first_goal
from wallet_service.domain.program import Program, Reward, Unit
from wallet_service.domain.progress import Kind, Progress, Standing, progress, stage, usual_step
from wallet_service.domain.rule import Each, Rule, Trigger


@pytest.fixture(scope="module")
def coffee() -> PassTemplate:
    return pass_template.load(COFFEE)


def body_of(template: PassTemplate, **changed: Any) -> dict[str, Any]:
    return Phone(build(make_face(**changed), template)).body


def test_P1_the_required_keys_are_there_and_full(coffee: PassTemplate) -> None:
    body = body_of(coffee)
    assert body["formatVersion"] == 1
    names = ("passTypeIdentifier", "serialNumber", "teamIdentifier", "organizationName", "description")
    assert all(isinstance(body[name], str) and body[name] for name in names)


def test_P1_an_empty_organisation_or_description_is_filled(tmp_path: Path) -> None:
    body = body_of(make_template(tmp_path, simple_body(organizationName="", description=None)))
    assert (body["organizationName"], body["description"]) == ("Brew & Bean", "Coffee Card")


def test_P2_there_is_exactly_one_style(coffee: PassTemplate, tmp_path: Path) -> None:
    assert [name for name in ("storeCard", "generic", "coupon") if name in body_of(coffee)] == ["storeCard"]
    with pytest.raises(Misconfigured, match="exactly one style"):
        make_template(tmp_path, simple_body(coupon={}))


def test_P2_a_poster_may_bring_generic_for_older_phones(tmp_path: Path) -> None:
    body = body_of(make_template(tmp_path, simple_body(storeCard=None, posterGeneric={}, generic={})))
    assert all(body[style]["backFields"][0]["key"] == "news" for style in ("posterGeneric", "generic"))


def test_P3_P4_P5_identity_is_the_cards_and_never_the_templates(tmp_path: Path) -> None:
    foreign = simple_body(authenticationToken="theirs-0123456789", webServiceURL="https://theirs.example")
    body = body_of(make_template(tmp_path, foreign))
    assert body["serialNumber"] == make_face().serial
    assert body["passTypeIdentifier"] == "pass.sandbox.coffee"
    assert body["teamIdentifier"] == "SANDBOX123"
    assert body["authenticationToken"] == "t" * 43
    assert body["webServiceURL"] == "https://cards.example.com/apple"


@pytest.mark.parametrize("token", ["short", "t" * 20 + " ", "ж" * 20, "t" * 20 + "\n"])
def test_P4_a_token_has_sixteen_plain_characters(token: str) -> None:
    with pytest.raises(Misconfigured, match="authentication token"):
        Identity("pass.x", "TEAM", "https://cards.example.com/apple", token)


@pytest.mark.parametrize("url", ["https://cards.example.com/apple/v1", "https://cards.example.com/apple/"])
def test_P5_the_web_service_address_ends_neither_in_v1_nor_in_a_slash(url: str) -> None:
    with pytest.raises(Misconfigured, match="/v1"):
        Identity("pass.x", "TEAM", url, "t" * 20)


def test_P6_every_pass_names_the_address_of_today(coffee: PassTemplate) -> None:
    moved = replace(IDENTITY, web_service_url="https://new.example.com/apple")
    before, after_it = (
        json.loads(pass_json.build(make_face(), coffee, i).pass_json) for i in (IDENTITY, moved)
    )
    assert before["webServiceURL"] == "https://cards.example.com/apple"
    assert after_it["webServiceURL"] == "https://new.example.com/apple"


def test_S3_the_token_is_not_in_the_identitys_own_words() -> None:
    assert IDENTITY.authentication_token not in repr(IDENTITY)


def test_P7_colours_go_out_as_rgb_and_bad_ones_not_at_all(tmp_path: Path) -> None:
    template = make_template(
        tmp_path, simple_body(backgroundColor="#0a141E", labelColor="red", stripColor="rgb(1, 2, 3)")
    )
    body = body_of(template)
    assert body["backgroundColor"] == "rgb(10, 20, 30)"
    assert "labelColor" not in body
    assert "stripColor" not in body


def test_P8_L5_a_lone_numeric_placeholder_is_a_number_that_the_phone_writes(tmp_path: Path) -> None:
    field = {
        "key": "points",
        "label": "{{goal}}!",
        "value": "{{value}}",
        "numberStyle": "PKNumberStyleDecimal",
    }
    phone = Phone(build(make_face(), make_template(tmp_path, with_fields(field))))
    assert phone.fields()["points"]["value"] == 3
    assert phone.label("points") == "10!"


@given(
    st.datetimes(datetime(1880, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()),  # noqa: DTZ001
    st.sampled_from(sorted(available_timezones() - {"localtime"})),
)
def test_P9_every_moment_in_every_zone_is_a_date_that_phones_read(moment: datetime, name: str) -> None:
    text = w3c(moment, ZoneInfo(name))
    assert is_w3c(text)
    assert datetime.fromisoformat(text) == moment.astimezone(UTC).replace(microsecond=0)


@pytest.mark.parametrize(
    "text", ["2026-11-21", "2026-11-21T18:30:00+0300", "2026-11-21 18:30:00Z", "2026-13-01T00:00Z", 20261121]
)
def test_P9_other_ways_to_write_a_date_are_refused(text: object) -> None:
    assert not is_w3c(text)


def test_P9_history_keeps_the_shops_own_day_wherever_the_phone_is(coffee: PassTemplate) -> None:
    field = Phone(build(make_face(), coffee)).fields()["history-2"]
    assert field["value"] == "2026-11-21T00:30:00+03:00"
    assert field["ignoresTimeZone"] is True


def test_P10_every_key_is_used_once_however_long_the_history(coffee: PassTemplate) -> None:
    line = HistoryLine(NOON, {"en": "+1", "ru": "+1"})
    body = body_of(coffee, history=(line,) * 12)
    fields = [field for value in body["storeCard"].values() for field in value]
    keys = [field["key"] for field in fields]
    assert len(keys) == len(set(keys)) == len(fields) > 12


def test_P11_every_field_has_a_key_and_a_value_and_an_empty_one_is_left_out(coffee: PassTemplate) -> None:
    without = Phone(build(make_face(), coffee)).fields()
    silver = Phone(build(make_face(tier={"en": "Silver", "ru": "Серебро"}), coffee), "ru")
    assert "tier" not in without
    assert silver.shows("tier") == "Серебро"
    assert all(field["value"] not in ("", None) for field in without.values())


def test_P12_the_page_is_a_link_with_a_plain_value_beside_it(coffee: PassTemplate) -> None:
    field = Phone(build(make_face(), coffee)).fields()["page"]
    assert field["attributedValue"] == "<a href='https://cards.example.com/card/abc'>Open my page</a>"
    assert field["value"] == "https://cards.example.com/card/abc"
    assert "textAlignment" not in field


def test_P12_a_persons_words_never_become_markup(tmp_path: Path) -> None:
    field = {"key": "x", "value": "x", "attributedValue": "<a href='{{page}}'>{{reward}}</a>"}
    face = make_face(reward={"en": "<b onclick='x'>Tea</b>", "ru": "Чай"})
    shown = Phone(build(face, make_template(tmp_path, with_fields(field)))).fields()["x"]["attributedValue"]
    assert shown.count("<") == 2
    assert "&lt;b onclick=&#x27;x&#x27;&gt;Tea" in shown


def test_P13_one_field_carries_the_notice_and_it_shows_the_news(coffee: PassTemplate) -> None:
    fields = Phone(build(make_face(), coffee)).fields()
    telling = [field for field in fields.values() if "changeMessage" in field]
    assert [(field["value"], field["changeMessage"]) for field in telling] == [
        ("3 of 10 already. Good start.", "%@")
    ]


def test_P13_a_merchants_per_cent_sign_cannot_become_a_second_mark(tmp_path: Path) -> None:
    field = {"key": "more", "value": "{{news}}", "changeMessage": "{{program_name}}: %@"}
    template = make_template(tmp_path, simple_body(storeCard={"backFields": [field]}))
    face = make_face(program_name={"en": "50%@home", "ru": "50%@дом"})
    phone = Phone(build(face, template), "ru")
    message = phone.text(phone.fields()["more"]["changeMessage"])
    assert message.count("%") == 1
    assert message.endswith("дом: %@")


STEPS = st.lists(st.sampled_from(["earn", "reverse", "redeem", "welcome"]), max_size=30)


@given(STEPS)
def test_P13_every_movement_changes_the_value_that_carries_the_notice(steps: list[str]) -> None:
    template = pass_template.load(COFFEE)
    standing = Standing().after(Kind.GRANT, 2, endowed=2)
    before = shown_news(standing, template)
    for step in steps:
        moved = after(standing, step)
        if moved.balance == standing.balance:
            continue
        news = shown_news(moved, template)
        assert news != before, (step, standing)
        standing, before = moved, news


PROGRAM = Program(
    slug="coffee",
    version=1,
    name={"en": "Coffee", "ru": "Кофе"},
    organization="Brew & Bean",
    languages=("en", "ru"),
    currency="RUB",
    time_zone="Europe/Moscow",
    template="coffee",
    unit=Unit("stamps", {"en": {"one": "stamp", "other": "stamps"}, "ru": {"other": "штампов"}}),
    rules=(Rule("visit", Trigger.VISIT, (Each("visit", 1),)),),
    welcome=2,
    rewards=(
        Reward(
            id="coffee",
            cost=6,
            name={"en": "Free coffee", "ru": "Кофе"},
            until={"en": "to a free coffee", "ru": "до кофе"},
            waiting={"en": "Your coffee is waiting.", "ru": "Кофе ждёт."},
        ),
    ),
)


def after(standing: Standing, step: str) -> Standing:
    if step == "earn":
        return standing.after(Kind.EARN, 1, status=1)
    if step == "reverse" and standing.balance > 0:
        return standing.after(Kind.REVERSE, -1)
    if step == "redeem" and standing.balance >= 6:
        return standing.after(Kind.REDEEM, -6)
    if step == "welcome" and standing.last is Kind.REDEEM:
        return standing.after(Kind.GRANT, 2, endowed=2)
    return standing


def shown_news(standing: Standing, template: PassTemplate) -> str:
    reward = first_goal(PROGRAM)
    bar = progress(standing, reward.cost, cells=True)
    news = wording.news(PROGRAM, stage(standing, bar, usual_step((), PROGRAM)), bar, reward)
    fields = Phone(build(make_face(news=news, progress=bar), template)).fields()
    return next(str(field["value"]) for field in fields.values() if "changeMessage" in field)


def test_P14_I5_the_front_has_room_and_nothing_lies_over_the_bar(coffee: PassTemplate) -> None:
    card = body_of(coffee, tier={"en": "Silver", "ru": "Серебро"})["storeCard"]
    assert card["primaryFields"] == []
    assert len(card["headerFields"]) <= 3
    assert len(card["secondaryFields"]) + len(card["auxiliaryFields"]) <= 4


def test_P15_the_code_is_the_card_number_in_the_coarsest_qr(coffee: PassTemplate) -> None:
    body = body_of(coffee)
    assert body["barcodes"] == [
        {
            "format": "PKBarcodeFormatQR",
            "message": "1234567890123456789",
            "messageEncoding": "iso-8859-1",
            "altText": "1234 5678 9012 3456 789",
        }
    ]
    assert "barcode" not in body


def test_P15_a_message_outside_latin_1_goes_out_as_utf_8(tmp_path: Path) -> None:
    code = {"format": "PKBarcodeFormatQR", "message": "{{program_name}} {{number}}"}
    template = make_template(tmp_path, simple_body(barcodes=[code]))
    face = make_face(program_name={"en": "Кофе", "ru": "Кофе"})
    assert body_of(template)["barcodes"][0]["messageEncoding"] == "iso-8859-1"
    [shown] = Phone(build(face, template)).body["barcodes"]
    assert (shown["message"], shown["messageEncoding"]) == ("Кофе 1234567890123456789", "utf-8")


def test_P15_P16_a_code_that_cannot_carry_the_message_gives_way_to_one_that_can(tmp_path: Path) -> None:
    codes = [
        {"format": "PKBarcodeFormatEAN13", "message": "{{number}}"},
        {"format": "PKBarcodeFormatCode128", "message": "{{program_name}}"},
    ]
    template = make_template(tmp_path, simple_body(barcodes=codes))
    shown = body_of(template, program_name={"en": "Кофе", "ru": "Кофе"})["barcodes"]
    assert [(code["format"], code["message"]) for code in shown] == [
        ("PKBarcodeFormatQR", "1234567890123456789")
    ]


def test_P16_a_new_code_is_followed_by_one_that_older_phones_draw(tmp_path: Path) -> None:
    code = {"format": "PKBarcodeFormatCode39", "message": "{{number}}"}
    formats = [
        c["format"] for c in body_of(make_template(tmp_path, simple_body(barcodes=[code])))["barcodes"]
    ]
    assert formats == ["PKBarcodeFormatCode39", "PKBarcodeFormatQR"]


def test_P18_P22_P27_what_the_template_says_more_passes_through(tmp_path: Path) -> None:
    more: dict[str, Any] = {
        "locations": [{"latitude": 55.75, "longitude": 37.61, "relevantText": "Coffee near you"}],
        "beacons": [{"proximityUUID": "F8F589E9-C07E-58B0-AEAB-A36BE4D48FAC", "major": 1}],
        "associatedStoreIdentifiers": [1234567890],
        "somethingOfTheYear2031": {"deep": [1, 2.5, None, True, "текст"]},
    }
    body = body_of(make_template(tmp_path, simple_body(**more)))
    assert {name: body[name] for name in more} == more


def test_P20_voided_and_expired_are_the_cards_and_go_away_again(tmp_path: Path) -> None:
    template = make_template(tmp_path, simple_body(voided=True, expirationDate="2020-01-01T00:00Z"))
    fresh, old = body_of(template), body_of(template, voided=True, expires_at=NOON)
    assert fresh.keys().isdisjoint({"voided", "expirationDate"})
    assert (old["voided"], old["expirationDate"]) == (True, "2026-11-21T12:00:00+00:00")


def test_P23_the_share_button_is_the_templates_to_hide(coffee: PassTemplate) -> None:
    assert body_of(coffee)["sharingProhibited"] is True


def test_P25_user_info_says_what_a_support_desk_asks(tmp_path: Path) -> None:
    template = make_template(tmp_path / "mine.pass", simple_body(userInfo={"shop": 7}))
    assert body_of(template)["userInfo"] == {
        "shop": 7,
        "program": "coffee",
        "template": "mine",
        "version": template.version,
    }


def test_P26_no_shine_on_a_drawn_strip(tmp_path: Path) -> None:
    assert body_of(make_template(tmp_path, simple_body()))["suppressStripShine"] is True


def test_B15_the_same_face_gives_the_same_sorted_bytes(coffee: PassTemplate) -> None:
    one, other = build(make_face(), coffee), build(make_face(), pass_template.load(COFFEE))
    assert one == other
    sorted_again = json.dumps(
        json.loads(one.pass_json), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    assert one.pass_json.decode() == sorted_again


def test_L3_the_default_language_is_the_value_and_the_key_of_the_others(coffee: PassTemplate) -> None:
    built = build(make_face(), coffee)
    assert Phone(built).fields()["news"]["value"] == "3 of 10 already. Good start."
    assert Phone(built, "ru").shows("news") == "Уже 3 из 10! Хорошее начало."
    assert Phone(built, "ru").label("number") == "Номер карты"
    assert Phone(built, "en").shows("news") == "3 of 10 already. Good start."


def test_L3_the_program_not_the_template_says_which_language_is_the_default(coffee: PassTemplate) -> None:
    built = build(make_face(languages=("ru", "en")), coffee)
    assert Phone(built).fields()["news"]["value"] == "Уже 3 из 10! Хорошее начало."
    assert Phone(built, "en").shows("news") == "3 of 10 already. Good start."
    assert Phone(built, "ru").shows("news") == "Уже 3 из 10! Хорошее начало."


def test_L3_equal_texts_with_different_translations_are_kept_apart(coffee: PassTemplate) -> None:
    face = make_face(
        reward={"en": "Gold", "ru": "Золотой кофе"},
        tier={"en": "Gold", "ru": "Золото"},
        program_name={"en": "Latest", "ru": "Последний бастион"},  # a label of the template reads the same
    )
    built = build(face, coffee)
    russian, english = Phone(built, "ru"), Phone(built, "en")
    assert (russian.shows("tier"), russian.shows("reward")) == ("Золото", "Золотой кофе")
    assert russian.text(russian.body["logoText"]) == "Последний бастион"
    assert russian.label("news") == "Что нового"
    assert [english.shows("tier").strip("\u200b"), english.shows("reward").strip("\u200b")] == ["Gold"] * 2


def test_L3_a_texts_own_words_around_a_placeholder_are_translated_with_it(tmp_path: Path) -> None:
    field = {"key": "x", "label": "Left: {{to_go}}", "value": "Your {{reward}}"}
    files = {"ru.lproj/pass.strings": '"Your {{reward}}" = "Ваш {{reward}}";'.encode()}
    phone = Phone(build(make_face(), make_template(tmp_path, with_fields(field), files)), "ru")
    assert phone.shows("x") == "Ваш Бесплатный кофе"
    assert phone.label("x") == "Left: 7"
    assert not any("{{" in key for key in phone.said)


def test_L4_regions_take_their_language_and_others_keep_the_default(tmp_path: Path) -> None:
    files = {
        "ru-RU.lproj/pass.strings": '"POINTS" = "БАЛЛЫ";'.encode(),
        "de.lproj/pass.strings": b'"POINTS" = "PUNKTE";',
    }
    built = build(make_face(), make_template(tmp_path, simple_body(), files))
    assert sorted(built.strings) == [f"{name}.lproj/pass.strings" for name in ("de", "en", "ru-RU", "ru")]
    assert Phone(built, "ru-RU").shows("progress") == "3 из 10, осталось 7"
    assert Phone(built, "de").label("points") == "PUNKTE"
    assert Phone(built, "de").shows("progress") == "3 of 10, 7 to go"


def test_L5_dates_of_the_history_are_left_to_the_phone(coffee: PassTemplate) -> None:
    field = Phone(build(make_face(), coffee)).fields()["history-1"]
    assert (field["dateStyle"], field["value"]) == ("PKDateStyleMedium", "2026-11-21T15:00:00+03:00")


NAMES = (
    *(
        "Анна\u202eexe.fdp",
        "a\u200bb\u200dc",
        "e" + "\u0301" * 100_000,
        "\x00null",
        "half \ud800 pair",
        "\ufeffBOM",
    ),
    *(
        "{{page}}",
        "{{7*7}}",
        "%@ %s %n",
        'quote " and \\',
        "<b>bold</b>",
        "two\nlines\r\nthree",
        "\u2028sep\u2029",
    ),
    *(
        "🏴‍☠️ 👨‍👩‍👧",
        "ﷺ" * 300,
        "Ω" * 10_000,
        "\u2066isolated\u2069",
        "\u0000",
        "\u200b",
        " \t ",
        "'; DROP TABLE",
    ),
    *(
        "\ud83d",
        "\udc00\ud800",
        "a\u0300\u0301\u0302\u0303",
        "अनुच्छेद",
        "ไทย",
        "שלום",
        "مرحبا",
        "Ａ",
        "ﬁ",
        "Å",
        "Å",
    ),
    *(
        "\x1b[31mred",
        "\x7f",
        "\x85",
        "\xad soft",
        "\u034f",
        "\u115f",
        "\u3164",
        "\ue000",
        "\uffff",
        "\U0010ffff",
    ),
    *(
        "null",
        "true",
        "1e999",
        "[]",
        "{}",
        '","evil":"',
        "\\u0000",
        "\\",
        '"',
        "/*",
        "//",
        ";",
        "=",
        "%",
        "%%@",
    ),
    *("İ", "ß", "ı", "ǅ"),
)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_S28_any_name_gives_a_valid_pass_with_bounded_single_lines(name: str, coffee: PassTemplate) -> None:
    started = time.process_time()
    texts = {"en": name, "ru": name[::-1]}
    face = make_face(reward=texts, program_name=texts, tier=texts, organization=name, news=texts)
    built = build(face, coffee)
    phone = Phone(built, "ru")
    for value in (phone.body["organizationName"], phone.body["logoText"], phone.label("progress")):
        assert len(value) <= 250
        assert not set(value) & set("\n\r\x00\u202e\u2066\u2028")
    assert json.loads(built.pass_json)["serialNumber"] == face.serial
    assert time.process_time() - started < 1


def test_S28_there_are_sixty_names_to_try() -> None:
    assert len(NAMES) >= 60


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["en", "ru"]), st.text(), min_size=2), st.integers(0, 10**6))
def test_any_face_gives_json_and_strings_that_phones_read(texts: dict[str, str], value: int) -> None:
    template = pass_template.load(COFFEE)
    face = make_face(rules=texts, reward=texts, balance=texts, progress=Progress(value, 10))
    built = build(face, template)
    assert Phone(built, "ru").body["formatVersion"] == 1
    assert Phone(built, "en").said


WORDS = st.sampled_from(["Gold", "3 of 10", "Free coffee", "Latest", "", "+1 stamp"])
TEXTS = st.fixed_dictionaries({"en": WORDS, "ru": WORDS}) | st.fixed_dictionaries({"ru": WORDS})
FACES = st.builds(
    make_face,
    reward=TEXTS,
    tier=st.none() | TEXTS,
    news=TEXTS,
    balance=TEXTS,
    number=st.sampled_from(["1" * 19, "2" * 19]),
    voided=st.booleans(),
    history=st.lists(st.builds(HistoryLine, st.just(NOON), TEXTS), max_size=3).map(tuple),
    languages=st.sampled_from([("en", "ru"), ("ru", "en"), ("en",)]),
)


@given(st.lists(FACES, min_size=2, max_size=5))
def test_a_card_shows_the_same_whichever_cards_were_made_before_it(faces: list[CardFace]) -> None:
    used = pass_template.load(COFFEE)
    for face in faces:
        build(face, used)
    assert [build(face, used) for face in faces] == [
        build(face, pass_template.load(COFFEE)) for face in faces
    ]


@given(FACES)
def test_L3_every_language_reads_its_own_words_whatever_coincides(face: CardFace) -> None:
    built = build(face, pass_template.load(COFFEE))
    for language in face.languages:
        phone = Phone(built, language)
        wanted = face.reward.get(language) or face.reward.get(face.languages[0]) or ""
        assert phone.label("progress").strip("\u200b") == wanted
        for place, line in enumerate(face.history, 1):
            said = line.text.get(language) or line.text.get(face.languages[0]) or ""
            assert phone.label(f"history-{place}").strip("\u200b") == said


def test_a_pass_takes_a_fraction_of_its_signature(coffee: PassTemplate) -> None:
    faces = [with_number(number) for number in range(200)]
    build(faces[0], coffee)
    started = time.process_time()
    for face in faces:
        build(face, coffee)
    assert (time.process_time() - started) / len(faces) < 0.002  # 45 microseconds on a quiet core


def with_number(number: int) -> CardFace:
    moment = NOON.astimezone(timezone(timedelta(hours=3))) + timedelta(seconds=number)
    line = HistoryLine(moment, {"en": "+1 stamp", "ru": "+1 штамп"})
    return make_face(number=f"{number:019d}", history=(line,) * 5)
