"""One line for each entry of a card's history."""

from __future__ import annotations

from collections.abc import Mapping

from wallet_service.domain.program import Program, Reward, Texts
from wallet_service.domain.progress import Kind
from wallet_service.domain.wording.speech import Voice

HISTORY: Mapping[Kind, Texts] = {
    Kind.EARN: {"en": "{points}", "ru": "{points}"},
    Kind.GRANT: {"en": "Gift: {points}", "ru": "Подарок: {points}"},
    Kind.REDEEM: {"en": "{reward}: {points}", "ru": "{reward}: {points}"},
    Kind.REVERSE: {"en": "Taken back: {points}", "ru": "Отмена: {points}"},
    Kind.REFUND: {"en": "Refund: {points}", "ru": "Возврат: {points}"},
    Kind.EXPIRE: {"en": "Expired: {points}", "ru": "Сгорело: {points}"},
    Kind.ADJUST: {"en": "Correction: {points}", "ru": "Исправление: {points}"},
    Kind.IMPORT: {"en": "Carried over: {points}", "ru": "Перенос: {points}"},
}
BOUGHT: Texts = {"en": "Purchase: {money}", "ru": "Покупка: {money}"}
PAID: Texts = {"en": "Paid with them: {points}", "ru": "Оплата: {points}"}
PAID_SO_MUCH: Texts = {"en": "Paid {money}: {points}", "ru": "Оплачено {money}: {points}"}


def history_line(
    program: Program, kind: Kind, points: int, reward: Reward | None, *, money: int | None = None
) -> Texts:
    """`reward` is None when points paid at the till instead; `money` is how much of the receipt they paid, or
    what was bought for: it stands where no points can.
    """
    text = _text(kind, points, reward, money)
    return {
        language: _line(Voice(program, language), text, points, reward, money)
        for language in program.languages
    }


def _text(kind: Kind, points: int, reward: Reward | None, money: int | None) -> Texts:
    if kind is Kind.REDEEM and reward is None:
        return _paid(money)
    return BOUGHT if kind is Kind.EARN and not points and money else HISTORY[kind]


def _paid(money: int | None) -> Texts:
    return PAID if money is None else PAID_SO_MUCH


def _line(voice: Voice, text: Texts, points: int, reward: Reward | None, money: int | None) -> str:
    return voice.say(
        text,
        points=("+" if points >= 0 else "") + voice.counted(points),
        reward=reward.name[voice.language] if reward else "",
        money=voice.money(money or 0),
    )
