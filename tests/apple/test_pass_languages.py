"""A pass says the same in every language, and each phone reads its own."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.apple.made_templates import (
    COFFEE,
    NOON,
    Phone,
    build,
    make_face,
    make_template,
    simple_body,
    with_fields,
)
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.domain.face import CardFace, HistoryLine


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
