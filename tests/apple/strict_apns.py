"""What our client hears from an APNs that is strict."""

from __future__ import annotations

from collections.abc import Iterable

from wallet_service.apple.waking.apns_answers import Answer, Verdict

TOPIC = "pass.example.coffee"


def verdicts(answers: Iterable[Answer]) -> set[Verdict]:
    return {answer.verdict for answer in answers}
