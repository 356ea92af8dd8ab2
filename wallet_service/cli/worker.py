"""`flask wallet worker`: tells wallets and shops what changed, and does what has its hour."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack

import click

from wallet_service.actions.asleep import Asleep
from wallet_service.actions.campaign_loop import CampaignLoop
from wallet_service.actions.services import Services
from wallet_service.cli.alarm_jobs import alarm_jobs
from wallet_service.cli.audit import audit_jobs
from wallet_service.cli.backup_jobs import backup_jobs
from wallet_service.cli.certificate_watch import certificate_jobs
from wallet_service.cli.funnel_jobs import funnel_jobs
from wallet_service.cli.ledger_jobs import ledger_jobs
from wallet_service.cli.opened import told
from wallet_service.cli.retention import retention_jobs
from wallet_service.push.clock_watch import ClockWatch
from wallet_service.push.other_clocks import OtherClocks
from wallet_service.push.queue import Aside, Queue
from wallet_service.push.resident import Resident
from wallet_service.push.turns import Turns
from wallet_service.push.worker import Worker
from wallet_service.settings import from_environment
from wallet_service.wiring import (
    apple_wallet,
    build_services,
    forget_webhooks,
    google_jobs,
    google_wallet,
    google_worker,
    require_open_keys,
    require_safe_keys,
    require_safe_place,
    settle_in,
    sweep_devices,
    utc_now,
    watch_over,
    webhook_drain,
)

APPLE, GOOGLE, WEBHOOKS, JOBS = "apple", "google", "webhooks", "jobs"
CHANNELS = (APPLE, GOOGLE, WEBHOOKS, JOBS)

Jobs = Callable[[Services, Queue], None]


@click.command("worker")
@click.option(
    "--channel", "channels", multiple=True, type=click.Choice(CHANNELS), help="Only this; all when left out."
)
def worker_command(channels: tuple[str, ...]) -> None:
    """Tell wallets what changed, until stopped."""
    with told(), ExitStack() as closing:
        settings = from_environment()
        watch_over(settings)
        require_safe_place(settings)
        require_safe_keys(settings, utc_now())
        require_open_keys(settings)
        services = build_services(settings)
        queue = Queue(settings.queue_url, Turns(services.sessions, services.clock).take)
        closing.callback(services.sessions.close)
        settle_in(services)
        queue.serve(_residents(services, queue, channels or CHANNELS, closing))


def _residents(
    services: Services, queue: Queue, channels: Collection[str], closing: ExitStack
) -> list[Resident]:
    """The loops of these channels; what has its hour is hung into the queue."""
    doubt = OtherClocks(services.settings.data_dir).doubt
    found: list[Resident] = [ClockWatch(services.sessions, services.clock, doubt=doubt)]
    if APPLE in channels:
        apple = apple_wallet(services)
        closing.callback(apple.close)
        lease, asleep = services.settings.lease, Asleep(services.sessions)
        found.append(Worker(services.sessions, apple, services.clock, lease=lease, asleep=asleep))
    if GOOGLE in channels and (google := google_wallet(services)):
        closing.callback(google.close)
        found.append(google_worker(services, google))
        google_jobs(services, google, queue)
    if WEBHOOKS in channels:
        to_shops = webhook_drain(services)
        closing.callback(to_shops.close)
        found.append(to_shops)
    if JOBS in channels:
        found.append(CampaignLoop(services))
        for hang in JOBS_OF_THE_HOUSE:
            hang(services, queue)
    return found


def _forgetting(services: Services, queue: Queue) -> None:
    queue.every("sweep_devices", Aside("phones that left", lambda: sweep_devices(services)), minutes=60)
    queue.every("forget_webhooks", Aside("old webhooks", lambda: forget_webhooks(services)), minutes=60)


JOBS_OF_THE_HOUSE: tuple[Jobs, ...] = (
    funnel_jobs,
    _forgetting,
    backup_jobs,
    ledger_jobs,
    certificate_jobs,
    audit_jobs,
    retention_jobs,
    alarm_jobs,
)
"""Each hangs the jobs of one subject into the queue."""
