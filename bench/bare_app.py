"""The least that can be: a Flask view with one row and one commit, and one with a row by its primary key."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime

from flask import Flask, request
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
)

from wallet_service.db.session import Sessions
from wallet_service.db.tables import Card

BARE = MetaData()
LINE = Table(
    "bare_purchase",
    BARE,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("card", String(64), nullable=False),
    Column("key", String(128), nullable=False, unique=True),
    Column("total", Integer, nullable=False),
    Column("receipt", String(128), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)

BY_ID = select(Card.version).where(Card.id == bindparam("card_id"))


def create_app() -> Flask:
    app, sessions = Flask(__name__), Sessions(os.environ["WALLET_DATABASE_URL"])
    with sessions.begin() as session:
        BARE.create_all(session.connection())

    @app.post("/api/v1/cards/<card>/purchases")
    def buy(card: str) -> tuple[dict[str, str], int]:
        bought = request.get_json()
        row = {"card": card, "key": request.headers["Idempotency-Key"], "recorded_at": datetime.now(UTC)}
        row |= {"total": bought["total"], "receipt": bought["receipt"]}
        with sessions.begin() as session:
            session.execute(insert(LINE), row)
        return {"card": card, "token": secrets.token_hex(8)}, 201

    @app.get("/bare/<int:card_id>")
    def look(card_id: int) -> dict[str, int]:
        with sessions.read() as session:
            found = session.execute(BY_ID, {"card_id": card_id}).one()
        return {"version": found.version}

    @app.get("/healthz")
    def alive() -> str:
        return "ok\n"

    return app


app = create_app()
