"""The office's page of keys: what machines may call, since when, and no longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from wallet_service.actions import api_keys
from wallet_service.db.tables import ApiKey, Store
from wallet_service.domain.errors import Invalid, NotFound, Refusal
from wallet_service.domain.plain import one_line
from wallet_service.web.auth import actor, needs
from wallet_service.web.office.frame import done, page
from wallet_service.web.office.shop_floor import all_programs, zone_of
from wallet_service.web.page import services

office_keys = Blueprint("office_keys", __name__, url_prefix="/office", template_folder="templates")

LASTS = {"": None, "30": timedelta(days=30), "365": timedelta(days=365)}


@office_keys.get("/keys")
@needs("admin")
def overview() -> ResponseReturnValue:
    return _overview()


@office_keys.post("/keys")
@needs("admin")
def make() -> ResponseReturnValue:
    """The key is on this one answer and kept nowhere."""

    def act() -> ResponseReturnValue:
        name, scopes = one_line(request.form.get("name", ""), 64), request.form.getlist("scope")
        now, held = services().clock(), services()
        with held.sessions.begin() as session:
            key = api_keys.create_api_key(
                session,
                name=name,
                entropy=held.entropy,
                now=now,
                scopes=scopes,
                store=request.form.get("store") or None,
                expires_at=_until(now),
                actor=actor().name,
            )
        return page("new_key.html", name=name, key=key)

    return done(act, _overview)


@office_keys.post("/keys/<int(max=9223372036854775807):key>/revoke")
@needs("admin")
def revoke(key: int) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        now = services().clock()
        with services().sessions.begin() as session:
            row = session.get(ApiKey, key)
            if row is None:
                raise NotFound("There is no such key. Open the page again.")
            api_keys.revoke_api_key(session, name=row.name, now=now, actor=actor().name)
        return redirect("/office/keys", 303)

    return done(act, _overview)


def _until(now: datetime) -> datetime | None:
    lasts = request.form.get("lasts", "")
    if lasts not in LASTS:
        raise Invalid("Choose how long the key is good for.")
    span = LASTS[lasts]
    return now + span if span else None


def _overview(refusal: Refusal | None = None) -> ResponseReturnValue:
    now = services().clock()
    with services().sessions.read() as session:
        known = api_keys.api_keys(session)
        stores = session.scalars(select(Store).order_by(Store.id)).all()
        zone = zone_of(all_programs(session))
    live = [
        key for key in known if key.revoked_at is None and (key.expires_at is None or key.expires_at > now)
    ]
    over = [key for key in known if key not in live]
    return page("keys.html", refusal, live=live, over=over, stores=stores, zone=zone, typed=request.form)
