"""Every sentence that a card or a till shows, whole, per language, with the right plural."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency

from wallet_service.domain.program import Program, Reward, Texts, Unit
from wallet_service.domain.progress import Kind, Progress, Stage
from wallet_service.domain.rules import Step

NEWS: Mapping[Stage, Texts] = {
    Stage.JOINED: {
        "en": "Your card is ready. {value} of {goal} are already yours, a welcome gift.",
        "ru": "Карта готова. {value} из {goal} уже ваши — подарок за знакомство.",
    },
    Stage.EARLY: {
        "en": "{value} of {goal} already. Good start.",
        "ru": "Уже {value} из {goal}! Хорошее начало.",
    },
    Stage.LATE: {
        "en": "Only {to_go}\u00a0{unit} {until}.",
        "ru": "Всего {to_go}\u00a0{unit} {until}.",
    },
    Stage.ONE_STEP: {
        "en": "One more visit and it is yours: {to_go}\u00a0{unit} left.",
        "ru": "Следующая покупка — и подарок ваш: ещё {to_go}\u00a0{unit}.",
    },
    Stage.READY: {"en": "{waiting}", "ru": "{waiting}"},
    Stage.NEW_ROUND: {
        "en": "New round: {value} of {goal} already counted.",
        "ru": "Новый круг: уже {value} из {goal}.",
    },
    Stage.BACK: {
        "en": "Taken back at the till. {value} of {goal} now.",
        "ru": "Отменено на кассе. Теперь {value} из {goal}.",
    },
}
JOINED_EMPTY: Texts = {"en": "Your card is ready.", "ru": "Карта готова."}
MORE_WAITING: Texts = {
    "en": "{waiting} {over}\u00a0{unit} more already counted.",
    "ru": "{waiting} И ещё {over}\u00a0{unit} в запасе.",
}
BALANCE: Texts = {"en": "{value} of {goal}", "ru": "{value} из {goal}"}
PROGRESS: Texts = {
    "en": "{value} of {goal}, {to_go} to go",
    "ru": "{value} из {goal}, осталось {to_go}",
}
PROGRESS_READY: Texts = {"en": "{value} of {goal}, reward ready", "ru": "{value} из {goal}, награда готова"}

HISTORY: Mapping[Kind, Texts] = {
    Kind.EARN: {"en": "{points}\u00a0{unit}", "ru": "{points}\u00a0{unit}"},
    Kind.GRANT: {"en": "Gift: {points}\u00a0{unit}", "ru": "Подарок: {points}\u00a0{unit}"},
    Kind.REDEEM: {"en": "{reward}: {points}\u00a0{unit}", "ru": "{reward}: {points}\u00a0{unit}"},
    Kind.REVERSE: {"en": "Taken back: {points}\u00a0{unit}", "ru": "Отмена: {points}\u00a0{unit}"},
    Kind.REFUND: {"en": "Refund: {points}\u00a0{unit}", "ru": "Возврат: {points}\u00a0{unit}"},
    Kind.EXPIRE: {"en": "Expired: {points}\u00a0{unit}", "ru": "Сгорело: {points}\u00a0{unit}"},
    Kind.ADJUST: {"en": "Correction: {points}\u00a0{unit}", "ru": "Исправление: {points}\u00a0{unit}"},
    Kind.IMPORT: {"en": "Carried over: {points}\u00a0{unit}", "ru": "Перенос: {points}\u00a0{unit}"},
}

STEPS: Mapping[str, Texts] = {
    "visit": {
        "en": "Visits: {visits}, {per_visit}\u00a0{unit_per_visit} each.",
        "ru": "Визитов: {visits}, за каждый {per_visit}\u00a0{unit_per_visit}.",
    },
    "visit_too_small": {
        "en": "No {unit_none}: a visit counts from {minimum}, this was {short} short.",
        "ru": "Без начисления: визит засчитывается от {minimum}, не хватило {short}.",
    },
    "amount": {
        "en": "{give}\u00a0{unit_give} for every {per_amount} of {total}.",
        "ru": "{give}\u00a0{unit_give} за каждые {per_amount} из {total}.",
    },
    "welcome": {"en": "A welcome gift.", "ru": "Подарок за знакомство."},
    "new_round": {"en": "A start into the new round.", "ru": "Подарок к новому кругу."},
    "reward": {"en": "{reward} was given.", "ru": "Выдано: {reward}."},
    "adjusted": {"en": "Corrected: {reason}", "ru": "Исправлено: {reason}"},
    "refunded": {"en": "The purchase was brought back.", "ru": "Покупка возвращена."},
    "reversed": {"en": "Taken back at the till.", "ru": "Отменено на кассе."},
}

RULE_VISIT: Texts = {
    "en": "Each visit from {minimum} gives {per_visit}\u00a0{unit}.",
    "ru": "Каждый визит от {minimum} — {per_visit}\u00a0{unit}.",
}
RULE_AMOUNT: Texts = {
    "en": "Every {per_amount} gives {give}\u00a0{unit}.",
    "ru": "За каждые {per_amount} — {give}\u00a0{unit}.",
}
RULE_REWARD: Texts = {
    "en": "{cost}\u00a0{unit}: {reward}.",
    "ru": "{cost}\u00a0{unit} — {reward}.",
}
RULE_WELCOME: Texts = {
    "en": "Every round starts with {welcome}\u00a0{unit} as our gift.",
    "ru": "Каждый круг начинается с подарка: {welcome}\u00a0{unit}.",
}


LANGUAGES = frozenset({"en", "ru"})
"""What every sentence here exists in; a program may speak any of them."""

SYMBOLS = {"RUB": "₽", "KZT": "₸", "UAH": "₴", "GEL": "₾", "AMD": "֏"}  # where CLDR has only the code


def plural(forms: Mapping[str, str], language: str, count: int) -> str:
    """The noun that goes with `count` by the CLDR rules of the language."""
    category = Locale.parse(language).plural_form(abs(count))
    return forms.get(category) or forms["other"]


def noun(unit: Unit, language: str, count: int) -> str:
    return plural(unit.forms[language], language, count)


@lru_cache(maxsize=1024)  # the rules on every card name the same few amounts
def money(amount: int, currency: str, language: str) -> str:
    """Minor units as people write them: «1 250,50 ₽», "₽1,250.50"; whole amounts without a tail."""
    pattern = str(Locale.parse(language).currency_formats["standard"].pattern)
    if amount % 100 == 0:
        pattern = pattern.replace(".00", "")
    text = format_currency(Decimal(amount) / 100, currency, pattern, locale=language, currency_digits=False)
    return text.replace(currency, SYMBOLS.get(currency, currency))


def signed(points: int) -> str:
    return f"+{points}" if points >= 0 else f"\u2212{-points}"


def news(program: Program, stage: Stage, shown: Progress, reward: Reward) -> Texts:
    """The one sentence that tells the last movement (loyalty texts by state)."""
    return {language: _news(program, stage, shown, reward, language) for language in program.languages}


def _news(program: Program, stage: Stage, shown: Progress, reward: Reward, language: str) -> str:
    sentence = NEWS[stage][language]
    if stage is Stage.JOINED and not shown.value:
        sentence = JOINED_EMPTY[language]
    over = shown.value - shown.goal
    if stage is Stage.READY and over:
        sentence = MORE_WAITING[language]
    return sentence.format(
        value=shown.value,
        goal=shown.goal,
        to_go=shown.to_go,
        over=over,
        unit=noun(program.unit, language, over if stage is Stage.READY else shown.to_go),
        until=reward.until[language],
        waiting=reward.waiting[language],
    )


def balance(program: Program, shown: Progress) -> Texts:
    return _each(program, BALANCE, value=shown.value, goal=shown.goal)


def progress_text(program: Program, shown: Progress) -> Texts:
    sentence = PROGRESS_READY if shown.ready else PROGRESS
    return _each(program, sentence, value=shown.value, goal=shown.goal, to_go=shown.to_go)


def history_line(program: Program, kind: Kind, points: int, reward: Reward | None) -> Texts:
    return {
        language: HISTORY[kind][language].format(
            points=signed(points),
            unit=noun(program.unit, language, points),
            reward=reward.name[language] if reward else "",
        )
        for language in program.languages
    }


def explain(program: Program, steps: tuple[Step, ...], language: str) -> str:
    """Why an entry is worth what it is worth, in whole sentences, each once: the undo of a reward takes the
    new round's gift back in the same words.
    """
    return " ".join(dict.fromkeys(_step(program, step, language) for step in steps))


def _step(program: Program, step: Step, language: str) -> str:
    facts = dict(step.facts)
    words: dict[str, object] = dict(facts)
    for name in ("total", "minimum", "short", "per_amount"):
        if isinstance(amount := facts.get(name), int):
            words[name] = money(amount, program.currency, language)
    for name in ("per_visit", "give"):
        if isinstance(count := facts.get(name), int):
            words[f"unit_{name}"] = noun(program.unit, language, count)
    words["unit_none"] = noun(program.unit, language, 0)
    if reward := program.reward(str(facts.get("reward", ""))):
        words["reward"] = reward.name[language]
    return STEPS[step.rule][language].format(**words)


def rules(program: Program) -> Texts:
    """The program's rules as the public page and the back of the card tell them."""
    return {language: "\n".join(_rules(program, language)) for language in program.languages}


def _rules(program: Program, language: str) -> list[str]:
    earning, lines = program.earning, []
    if earning.per_visit:
        lines.append(
            RULE_VISIT[language].format(
                minimum=money(earning.visit_minimum, program.currency, language),
                per_visit=earning.per_visit,
                unit=noun(program.unit, language, earning.per_visit),
            )
        )
    if earning.give:
        lines.append(
            RULE_AMOUNT[language].format(
                per_amount=money(earning.per_amount, program.currency, language),
                give=earning.give,
                unit=noun(program.unit, language, earning.give),
            )
        )
    for reward in program.rewards:
        lines.append(
            RULE_REWARD[language].format(
                cost=reward.cost, unit=noun(program.unit, language, reward.cost), reward=reward.name[language]
            )
        )
    if program.welcome:
        lines.append(
            RULE_WELCOME[language].format(
                welcome=program.welcome, unit=noun(program.unit, language, program.welcome)
            )
        )
    return lines


def _each(program: Program, sentence: Texts, **facts: int) -> Texts:
    return {language: sentence[language].format(**facts) for language in program.languages}
