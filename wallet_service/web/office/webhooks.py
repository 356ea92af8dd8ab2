"""The office's pages of webhooks: which systems hear what happens, what they were told, and how that went."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from wallet_service.actions import webhooks
from wallet_service.actions.webhooks import Keeper
from wallet_service.db.tables import Webhook
from wallet_service.domain.errors import Refusal
from wallet_service.push.webhooks.messages import EVENTS
from wallet_service.web.auth import actor, needs
from wallet_service.web.limits import limiter
from wallet_service.web.office.frame import done, page
from wallet_service.web.office.shop_floor import all_programs, zone_of
from wallet_service.web.office.webhook_log import lines
from wallet_service.web.office.webhook_texts import event_name
from wallet_service.web.page import services

office_webhooks = Blueprint("office_webhooks", __name__, url_prefix="/office", template_folder="templates")

ID = "<int(max=9223372036854775807):{}>"
WEBHOOK = f"/webhooks/{ID.format('webhook')}"


@office_webhooks.get("/webhooks")
@needs("admin")
def overview() -> ResponseReturnValue:
    return _overview()


@office_webhooks.post("/webhooks")
@needs("admin")
def add() -> ResponseReturnValue:
    """The secret is on this one answer and kept nowhere."""

    def act() -> ResponseReturnValue:
        form = request.form
        with services().sessions.begin() as session:
            added = webhooks.add_webhook(
                session,
                _keeper(),
                name=form.get("name", ""),
                url=form.get("url", ""),
                events=form.getlist("event"),
                now=services().clock(),
            )
            name = webhooks.find(session, added.id).name
        return page("webhook_secret.html", number=added.id, name=name, secret=added.secret)

    return done(act, _overview)


@office_webhooks.get(WEBHOOK)
@needs("admin")
def log(webhook: int) -> ResponseReturnValue:
    return _log(webhook)


@office_webhooks.post(f"{WEBHOOK}/secret")
@needs("admin")
def renew_secret(webhook: int) -> ResponseReturnValue:
    """As above."""
    with services().sessions.begin() as session:
        secret = webhooks.renew_secret(session, _keeper(), webhook=webhook, now=services().clock())
        name = webhooks.find(session, webhook).name
    return page("webhook_secret.html", number=webhook, name=name, secret=secret)


@office_webhooks.post(f"{WEBHOOK}/off")
@needs("admin")
def switch_off(webhook: int) -> ResponseReturnValue:
    with services().sessions.begin() as session:
        webhooks.switch_off(session, webhook=webhook, actor=actor().name, now=services().clock())
    return _back(webhook)


@office_webhooks.post(f"{WEBHOOK}/on")
@needs("admin")
def switch_on(webhook: int) -> ResponseReturnValue:
    with services().sessions.begin() as session:
        webhooks.switch_on(session, webhook=webhook, actor=actor().name, now=services().clock())
    return _back(webhook)


@office_webhooks.post(f"{WEBHOOK}/remove")
@needs("admin")
def remove(webhook: int) -> ResponseReturnValue:
    with services().sessions.begin() as session:
        webhooks.remove(session, webhook=webhook, actor=actor().name, now=services().clock())
    return redirect("/office/webhooks", 303)


@office_webhooks.post(f"{WEBHOOK}/test")
@needs("admin")
@limiter.limit("30 per minute")
def send_test(webhook: int) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as session:
            webhooks.send_test(session, webhook=webhook, now=services().clock())
        return _back(webhook)

    return done(act, lambda refusal: _log(webhook, refusal))


@office_webhooks.post(f"{WEBHOOK}/deliveries/{ID.format('delivery')}")
@needs("admin")
def resend(webhook: int, delivery: int) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as session:
            webhooks.resend(session, webhook=webhook, delivery=delivery, now=services().clock())
        return _back(webhook)

    return done(act, lambda refusal: _log(webhook, refusal))


def _overview(refusal: Refusal | None = None) -> ResponseReturnValue:
    with services().sessions.read() as session:
        shown = [(row, _named(row), waiting) for row, waiting in webhooks.all_webhooks(session)]
    events = [(event, event_name(event)) for event in EVENTS]
    return page("webhooks.html", refusal, webhooks=shown, events=events, typed=request.form)


def _log(webhook: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    with services().sessions.read() as session:
        row = webhooks.find(session, webhook)
        return page(
            "webhook.html",
            refusal,
            webhook=row,
            address=_named(row),
            lines=lines(session, row.id),
            events=[event_name(event) for event in row.events or ()],
            zone=zone_of(all_programs(session)),
        )


def _named(row: Webhook) -> str:
    """Without what follows the question mark: receivers keep secrets there."""
    bare, mark, _ = row.url.partition("?")
    return f"{bare}?…" if mark else bare


def _back(webhook: int) -> ResponseReturnValue:
    return redirect(f"/office/webhooks/{webhook}", 303)


def _keeper() -> Keeper:
    held = services()
    return Keeper(actor().name, held.settings.secret_keys, held.settings.sandbox, held.entropy)
