"""A system of the shop that hears what happens; WEBHOOK_SECRET is what the office showed."""

import os

from flask import Flask, request
from standardwebhooks import Webhook, WebhookVerificationError

app = Flask(__name__)
seen: set[str] = set()  # in earnest: a table, where the id is unique


@app.post("/cards")
def hear() -> tuple[str, int]:
    try:
        event = Webhook(os.environ["WEBHOOK_SECRET"]).verify(request.get_data(), dict(request.headers))
    except (WebhookVerificationError, ValueError):
        return "This is not from the loyalty service.\n", 401
    if request.headers["webhook-id"] not in seen:  # the same message may come twice
        app.logger.warning("%s: %s", event["type"], event["data"])  # what takes long belongs into a queue
        seen.add(request.headers["webhook-id"])
    return "", 204
