"""B6: APNs and Google answer what is no answer."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

from tests.faults.count import Count
from tests.faults.outside_crowd import gathered
from tests.faults.outside_google import CALL, issuer
from tests.services.memory import in_memory

ANSWERS = 1_000
RUBBISH = (
    "", "{", "[]", "null", "5", '"reason"', '{"reason": 5}', '{"reason": null}',
    '{"reason": ["Unregistered"]}', '{"reason": "unregistered", "timestamp": "now"}', '{"timestamp": -1}',
    '{"reason": "Ünregistered"}', "<html>", "[" * 3000, '{"error": 5}', '{"error": {"errors": 5}}',
    '{"error": {"errors": [5], "message": {}}}', '{"hasUsers": "yes", "id": []}', '{"error": {"code": "x"}}',
)  # fmt: skip


def from_the_other_side(scale: float, seed: int) -> Count:
    """B6: APNs and Google answer rubbish; every mark stays due or is parked, and the worker lives."""
    dice, answers = random.Random(seed), max(int(ANSWERS * scale), 60)
    stale, amiss = _from_apns(dice, answers // 2)
    stale += _from_google(dice, answers // 20)
    return Count(
        "B6 rubbish from the other side", f"{answers} answers", answers, stale=stale, amiss=tuple(amiss)
    )


def _from_apns(dice: random.Random, phones: int) -> tuple[int, list[str]]:
    amiss = list[str]()
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder, gathered(Path(folder), phones) as crowd:
        crowd.change_all()
        crowd.apns.turn(answers=[_answer(dice, token) for token in crowd.tokens.values()])
        crowd.worker.run_until_idle()
        lost = len(crowd.tokens) - len(crowd.registered())
        amiss += [f"{lost} phones were dropped for rubbish"] if lost else []
        amiss += [f"mark of {m.card_id} waits without a reason" for m in crowd.waiting() if not m.last_error]
        crowd.apns.turn(answers=[])
        crowd.settles()
        woken = crowd.woken()
        return sum(token not in woken for token in crowd.tokens.values()) - len(crowd.waiting()), amiss


def _from_google(dice: random.Random, rounds: int) -> int:
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder, issuer(Path(folder), 10) as at:
        for _ in range(rounds):
            for card in at.cards:
                at.shop.earn(card)
            for _ in at.cards:
                at.shop.outside.script(
                    path=CALL, verb="PATCH", status=dice.choice((200, 400, 403, 404, 409, 500)), **_text(dice)
                )
            at.worker.run_until_idle()
        at.settles()
        return len(at.stale())


def _answer(dice: random.Random, token: str) -> dict[str, Any]:
    return {"status": dice.choice((200, 400, 404, 410, 413, 429, 500, 503)), "token": token, **_rubbish(dice)}


def _rubbish(dice: random.Random) -> dict[str, Any]:
    if dice.random() < 0.02:
        return {"body_bytes": 10_000_000}
    return {"body": dice.choice(RUBBISH)}


def _text(dice: random.Random) -> dict[str, Any]:
    if dice.random() < 0.05:
        return {"form": dice.choice(("truncated", "rubbish")), "after_effect": dice.random() < 0.5}
    return {"form": "text", "message": dice.choice(RUBBISH)}
