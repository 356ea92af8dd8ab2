"""What the machine API keeps while it runs, and where its services are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, cast

from flask import current_app

from wallet_service.actions.services import Services
from wallet_service.api.losses import Losses
from wallet_service.api.quota import Counter
from wallet_service.push.counts import Counts
from wallet_service.settings import Settings

EXTENSION = "machine api"
ADDRESS, MACHINES = "/api/v1", "/api/"
LARGEST_BODY = 64 * 1024
WRONG_AMONG_RIGHT = 100


@dataclass(frozen=True)
class Desk:
    """`requests` are counted by key, and `wrong_keys` by network: one for a hundred requests is patience
    enough.
    """

    requests: Counter
    wrong_keys: Counter
    losses: Losses

    @classmethod
    def open(cls, settings: Settings) -> Self:
        rate = max(settings.api_rate, 1)
        wrong = max(rate // WRONG_AMONG_RIGHT, 1)
        counts = Counts(settings.queue_url)
        return cls(
            Counter("requests", rate, counts),
            Counter("wrong keys", wrong, counts),
            Losses(settings.api_drops),
        )


def services() -> Services:
    return cast(Services, current_app.extensions["wallet"])


def desk() -> Desk:
    return cast(Desk, current_app.extensions[EXTENSION])
