"""Numbers, money, days and nouns as people of each language write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from wallet_service.domain.program import Program, Ratio, Texts, Unit

LANGUAGES = frozenset({"en", "ru"})
"""What every sentence here exists in; a program may speak any of them."""

SYMBOLS = {"RUB": "₽", "KZT": "₸", "UAH": "₴", "GEL": "₾", "AMD": "֏"}  # where CLDR has only the code

AND: Texts = {"en": "and", "ru": "и"}
OR: Texts = {"en": "or", "ru": "или"}
QUOTED: Texts = {"en": "“{name}”", "ru": "«{name}»"}
PERCENT: Texts = {"en": "{figure}%", "ru": "{figure}\u00a0%"}
DAY: Texts = {"en": "d\u00a0MMMM", "ru": "d\u00a0MMMM"}
FULL_DAY: Texts = {"en": "d\u00a0MMMM y", "ru": "d\u00a0MMMM y 'года'"}
DECIMALS = 2
A_LEAP_YEAR = 2024

MONTHS: Mapping[str, Mapping[str, str]] = {
    "en": {"one": "month", "other": "months"},
    "ru": {"one": "месяц", "few": "месяца", "many": "месяцев", "other": "месяца"},
}
DAYS: Mapping[str, Mapping[str, str]] = {
    "en": {"one": "day", "other": "days"},
    "ru": {"one": "день", "few": "дня", "many": "дней", "other": "дня"},
}
VISITS: Mapping[str, Mapping[str, str]] = {
    "en": {"one": "visit", "other": "visits"},
    "ru": {"one": "визит", "few": "визита", "many": "визитов", "other": "визита"},
}
TIMES: Mapping[str, Mapping[str, str]] = {
    "en": {"one": "time", "other": "times"},
    "ru": {"one": "раз", "few": "раза", "many": "раз", "other": "раза"},
}
PIECES: Mapping[str, Mapping[str, str]] = {
    "en": {"one": "item", "other": "items"},
    "ru": {"other": "шт."},
}

Count = int | Fraction
Forms = Mapping[str, str]


def plural(forms: Forms, language: str, count: int | Decimal) -> str:
    """The form that goes with `count` by the CLDR rules of the language."""
    return forms.get(_category(language, Decimal(count).copy_abs())) or forms["other"]


def noun(unit: Unit, language: str, count: int | Decimal) -> str:
    return plural(unit.forms[language], language, count)


@lru_cache(maxsize=1024)  # the rules on every card name the same few numbers
def number(count: Count, language: str) -> str:
    """Grouped as the language groups: «1 250» with a space that does not break, "1,250"."""
    about = "≈" if isinstance(count, Fraction) and count != Fraction(_shown(count)) else ""
    text = str(format_decimal(_shown(count), locale=language)).replace("-", "\u2212")
    return about + text


@lru_cache(maxsize=1024)
def money(amount: Count, currency: str, language: str) -> str:
    """Minor units as people write them: «1 250,50 ₽», "₽1,250.50"; whole amounts without a tail."""
    pattern = str(_locale(language).currency_formats["standard"].pattern)
    if amount % 100 == 0:
        pattern = pattern.replace(".00", "")
    elif amount % 1:
        pattern = pattern.replace(".00", ".00##")
    major = _decimal(amount / Fraction(100), 4)
    text = format_currency(major, currency, pattern, locale=language, currency_digits=False)
    return text.replace(currency, SYMBOLS.get(currency, currency)).replace("-", "\u2212")


def counted(program: Program, count: Count, language: str) -> str:
    """ "3 stamps", "15.6 points", and money where that is what the program counts."""
    if program.unit.money:
        return money(count, program.currency, language)
    return f"{number(count, language)}\u00a0{noun(program.unit, language, operand(count))}"


def signed(points: int, language: str = "en") -> str:
    return f"+{number(points, language)}" if points >= 0 else number(points, language)


def amount(count: Count, forms: Mapping[str, Forms], language: str) -> str:
    """A number with its noun: "3 months"."""
    return f"{number(count, language)}\u00a0{plural(forms[language], language, operand(count))}"


def percent(rate: Fraction, language: str) -> str:
    return PERCENT[language].format(figure=number(rate, language))


def factor(by: Fraction, language: str) -> str:
    """What points are multiplied by: "1.5", and "4/3" where no short decimal is exact."""
    exact = Fraction(_shown(by)) == by
    return number(by, language) if exact else f"{by.numerator}/{by.denominator}"


def quoted(name: str, language: str) -> str:
    """«Name», as it is where it has quotation marks already."""
    return name if name[:1] in "«“\"'" else QUOTED[language].format(name=name)


def listed(words: Sequence[str], between: Texts, language: str) -> str:
    """ "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {between[language]} {words[-1]}"


def sentence(text: str) -> str:
    """With a capital letter and one full stop."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


@lru_cache(maxsize=256)
def full_day(said: str, language: str) -> str:
    """ "2026-05-31" as «31 мая 2026 года»; what is no day stays as it is."""
    try:
        return _formatted(date.fromisoformat(said), FULL_DAY[language], language)
    except ValueError:
        return said


def day_of_year(said: str, language: str) -> str:
    """ "12-31" as «31 декабря»."""
    try:
        return _formatted(date.fromisoformat(f"{A_LEAP_YEAR}-{said}"), DAY[language], language)
    except ValueError:
        return said


def last_day(program: Program, until: datetime) -> date:
    """The local day whose end `until` is: what ends at midnight is good for the whole day before."""
    return (until - timedelta(microseconds=1)).astimezone(ZoneInfo(program.time_zone)).date()


def short_day(day: date, language: str) -> str:
    return _formatted(day, DAY[language], language)


@dataclass(frozen=True)
class Voice:
    """One program speaking one language."""

    program: Program
    language: str

    def say(self, text: Texts, **words: object) -> str:
        return text[self.language].format(**words)

    def counted(self, count: Count) -> str:
        return counted(self.program, count, self.language)

    def money(self, amount: Count) -> str:
        return money(amount, self.program.currency, self.language)

    def number(self, count: Count) -> str:
        return number(count, self.language)

    def amount(self, count: Count, forms: Mapping[str, Forms]) -> str:
        return amount(count, forms, self.language)

    def percent(self, rate: Fraction) -> str:
        return percent(rate, self.language)

    def quoted(self, name: str) -> str:
        return quoted(name, self.language)

    def any_of(self, words: Sequence[str]) -> str:
        return listed(words, OR, self.language)

    def all_of(self, words: Sequence[str]) -> str:
        return listed(words, AND, self.language)

    def full_day(self, said: str) -> str:
        return full_day(said, self.language)

    def tier(self, level_id: str) -> str:
        """«Gold»; the id of a tier that the program does not have."""
        level = self.program.tiers.level(level_id) if self.program.tiers else None
        return self.quoted(level.name[self.language] if level else level_id)


def operand(count: Count) -> int | Decimal:
    """What a plural rule looks at: the number as it is shown."""
    return count if isinstance(count, int) else _shown(count)


def ratio(pair: Ratio) -> Fraction:
    """Whatever an old trace says, no division by 0."""
    return Fraction(pair[0], pair[1] or 1)


def _shown(count: Count) -> Decimal:
    return _decimal(count, DECIMALS)


def _decimal(count: Count, most: int) -> Decimal:
    """At most so many decimals, never more than there is, and none that says nothing: a plural rule looks at
    each.
    """
    if count % 1 == 0:
        return Decimal(int(count))
    return Decimal(int(Fraction(count) * 10**most)).scaleb(-most).normalize()


def _formatted(day: date, pattern: str, language: str) -> str:
    return str(format_date(day, pattern, locale=language))


@lru_cache(maxsize=1024)
def _category(language: str, count: Decimal) -> str:
    return str(_locale(language).plural_form(count))


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)
