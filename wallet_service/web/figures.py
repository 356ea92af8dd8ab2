"""The figures for whoever watches, as Prometheus reads them: counted by all processes, and looked up now."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from wallet_service import metrics
from wallet_service.domain.errors import Unavailable
from wallet_service.push.backlog import Waiting
from wallet_service.web.limits import limiter
from wallet_service.web.page import services
from wallet_service.web.standing import Seen, Standing, standing

figures = Blueprint("figures", __name__)

LOOKED_UP = {
    "dirty_rows": "Marks that a wallet has yet to be told of",
    "oldest_dirty_seconds": "For how long the oldest of them has waited",
    "parked_rows": "Marks that are tried once a day, after many tries",
    "registrations": "Cards on phones with Apple Wallet",
    "cert_days_left": "Days that a certificate still lasts",
    "backup_age_seconds": "Since when the newest backup was taken",
    "open_alarms": "Alarms that are raised now",
    "lane_unheld_seconds": "For how long no worker has driven the lane to Google",
    "disk_free_ratio": "The part of the disk that is free",
}


@figures.get("/metrics")
@limiter.exempt
def show() -> Response:
    """Behind a token; a sandbox without one shows them to everybody, anybody else to nobody."""
    _require_token()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_All(standing()))
    answer = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _require_token() -> None:
    settings = services().settings
    if settings.metrics_token is None:
        if not settings.sandbox:
            abort(404)
        return
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    right = hmac.compare_digest(given.encode(errors="replace"), settings.metrics_token.encode())
    if not right or scheme.lower() != "bearer":
        abort(401)


class _All:
    """As the library asks for it: everything at the moment of the scrape."""

    def __init__(self, stands: Standing) -> None:
        self._stands = stands

    def collect(self) -> Iterable[Metric]:
        yield from metrics.counted()
        yield from _looked_up(self._stands)


def _looked_up(stands: Standing) -> Iterator[Metric]:
    """While the database does not answer, what it knows is missing, and the rest is there."""
    yield _gauge("disk_free_ratio", (), [((), stands.disk())])
    yield _gauge(
        "cert_days_left", ("name",), [((one.name,), one.days) for one in stands.papers() if not one.fault]
    )
    if (age := stands.backup()) is not None:
        yield _gauge("backup_age_seconds", (), [((), age.total_seconds())])
    try:
        seen, registrations = stands.seen(), stands.registrations()
    except Unavailable:
        return
    yield _gauge("registrations", (), [((), registrations)])
    yield from _of_the_database(seen)


def _of_the_database(seen: Seen) -> Iterator[Metric]:
    waiting, parked = _split(seen.waiting)
    by = ("channel", "prio")
    yield _gauge("dirty_rows", by, [((one.channel, one.named), one.marks) for one in waiting])
    ages = [((one.channel, one.named), _age(one, seen.at)) for one in waiting]
    yield _gauge("oldest_dirty_seconds", by, ages)
    yield _gauge("parked_rows", by, [((one.channel, one.named), one.marks) for one in parked])
    kinds = [alarm.kind for alarm in seen.alarms]
    yield _gauge("open_alarms", ("kind",), [((kind,), kinds.count(kind)) for kind in sorted(set(kinds))])
    if seen.lane_free is not None:
        yield _gauge("lane_unheld_seconds", (), [((), seen.lane_free.total_seconds())])


def _split(waiting: Iterable[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    every = list(waiting)
    return [one for one in every if not one.parked], [one for one in every if one.parked]


def _age(one: Waiting, now: datetime) -> float:
    return one.age(now).total_seconds()


def _gauge(
    name: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, LOOKED_UP[name], labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family
