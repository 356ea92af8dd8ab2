"""From an address to a method: the routes that Google's own description lists, and the batch of many."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from simulators.google_wallet.asking import Ask
from simulators.google_wallet.batch import parts_of, together
from simulators.google_wallet.calls import Answer, Call, refusing, saying
from simulators.google_wallet.discovery import Method, methods
from simulators.google_wallet.errors import GoogleError, invalid, no_such_address, parse_error
from simulators.google_wallet.gate import Gate
from simulators.google_wallet.rest import Rest
from simulators.google_wallet.world import World

LARGEST = 10_000_000
WITH_BODY = {"POST", "PUT", "PATCH"}


class Api:
    def __init__(self, world: World, gate: Gate) -> None:
        self._world, self._gate, self._rest = world, gate, Rest(world)
        self._routes = Map([_rule(method) for method in methods()]).bind("walletobjects.googleapis.com")

    def answer(self, call: Call, *, in_batch: bool = False) -> Answer:
        return self._gate.let_through(call, self._act, in_batch=in_batch)

    def batch(self, call: Call, content_type: str) -> Answer:
        """Each part stands for itself; a part that is never answered takes the whole batch along."""
        try:
            inner = parts_of(call, content_type)
        except GoogleError as refused:
            return refusing(refused)
        answers = [(name, self.answer(one, in_batch=True)) for name, one in inner]
        held = next((answer for _, answer in answers if answer.hold is not None), None)
        return held or together(answers)

    def _act(self, call: Call) -> Answer:
        try:
            return saying(self._said(call))
        except GoogleError as refused:
            return refusing(refused)

    def _said(self, call: Call) -> Any:
        method, named = self._route(call)
        account = self._world.tokens.account(call.authorization)
        unknown = set(call.query) - method.parameters
        if unknown:
            raise invalid(f"Invalid JSON payload received. Unknown name {min(unknown)!r}.")
        body = _body(call) if call.verb in WITH_BODY else None
        ask = Ask(account, named.get("resourceId", ""), call.query, body)
        return self._rest.answer(method.resource, method.name, ask)

    def _route(self, call: Call) -> tuple[Method, Mapping[str, str]]:
        try:
            return self._routes.match(call.path, call.verb)
        except HTTPException:
            raise no_such_address(call.verb, call.path) from None


def _rule(method: Method) -> Rule:
    path = method.path.replace("{", "<").replace("}", ">")
    return Rule(path, methods=[method.verb], endpoint=method)


def _body(call: Call) -> Any:
    if len(call.body) > LARGEST:
        raise GoogleError(413, "uploadTooLarge", "The request is too large.", "global")
    try:
        body = json.loads(call.body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise parse_error("Invalid JSON payload received.") from None
    if not isinstance(body, dict):
        raise parse_error("Invalid value at 'resource': an object is needed.")
    return body
