"""What a card says when its member has been away for so long that they will be forgotten."""

from __future__ import annotations

from datetime import datetime

from wallet_service.domain.program import Program, Texts
from wallet_service.domain.wording.speech import full_day, last_day

FAREWELL: Texts = {
    "en": "We have not seen you for long. This card ends on {day}, unless you come by before.",
    "ru": "Вас давно не было. Карта закроется {day}, если вы не зайдёте раньше.",
}


def farewell(program: Program, until: datetime) -> Texts:
    """`until` is when it ends."""
    day = last_day(program, until).isoformat()
    return {
        language: FAREWELL[language].format(day=full_day(day, language)) for language in program.languages
    }
