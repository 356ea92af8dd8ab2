"""OAuth for service accounts: a signed assertion buys a bearer for one hour (G8)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from secrets import token_urlsafe
from urllib.parse import parse_qs

from simulators.google_wallet.accounts import Accounts, ServiceAccount
from simulators.google_wallet.calls import Answer, Call, saying
from simulators.google_wallet.errors import unauthenticated
from simulators.google_wallet.jose import BadToken, Token, read

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
AUDIENCE = "https://oauth2.googleapis.com/token"
LONGEST, SKEW = 3600, 300
LIFETIME = timedelta(seconds=3599)


class Refusal(Exception):
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


class Tokens:
    """Opaque bearers, each with its account and its end."""

    def __init__(self, accounts: Accounts, clock: Callable[[], datetime]) -> None:
        self._accounts, self._clock = accounts, clock
        self._lock = threading.Lock()
        self._given: dict[str, tuple[ServiceAccount, datetime]] = {}

    def answer(self, call: Call) -> Answer:
        try:
            account = self._assertion(_form(call.body))
        except Refusal as no:
            return saying({"error": no.error, "error_description": no.description}, no.status)
        bearer = f"ya29.{token_urlsafe(40)}"
        with self._lock:
            self._given[bearer] = (account, self._clock() + LIFETIME)
        seconds = int(LIFETIME.total_seconds())
        return saying({"access_token": bearer, "expires_in": seconds, "token_type": "Bearer"})

    def _assertion(self, form: Mapping[str, str]) -> ServiceAccount:
        if form.get("grant_type") != GRANT:
            raise Refusal("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")
        try:
            token = read(form.get("assertion", ""))
        except BadToken as bad:
            raise Refusal("invalid_grant", f"Invalid JWT: {bad}") from None
        return self._signer(token)

    def _signer(self, token: Token) -> ServiceAccount:
        account = self._accounts.find(token.claims.get("iss"), token.header.get("kid"))
        if not account:
            raise Refusal("invalid_grant", "Invalid grant: account not found")
        if token.header.get("alg") != "RS256" or not token.is_signed_by(account.key):
            raise Refusal("invalid_grant", "Invalid JWT Signature.")
        self._check(token.claims)
        return account

    def _check(self, claims: Mapping[str, object]) -> None:
        if claims.get("scope") != SCOPE:
            raise Refusal("invalid_scope", f"The scope must be {SCOPE}.")
        if claims.get("aud") != AUDIENCE:
            raise Refusal("invalid_grant", f"Invalid JWT: the audience must be {AUDIENCE}.")
        now = self._clock().timestamp()
        issued, ends = claims.get("iat"), claims.get("exp")
        if type(issued) is not int or type(ends) is not int or not 0 < ends - issued <= LONGEST:
            raise Refusal("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes).")
        if issued > now + SKEW or ends < now - SKEW:
            raise Refusal("invalid_grant", "Invalid JWT: check your iat and exp values in the JWT claim.")

    def account(self, authorization: str) -> ServiceAccount:
        scheme, _, bearer = authorization.partition(" ")
        with self._lock:
            found = self._given.get(bearer) if scheme == "Bearer" else None
        if not found or found[1] <= self._clock():
            raise unauthenticated()
        return found[0]

    def revoke(self) -> None:
        """Every bearer given out so far ends now."""
        with self._lock:
            self._given.clear()


def _form(body: bytes) -> dict[str, str]:
    read_form = parse_qs(body.decode("utf-8", "replace"))
    return {name: values[0] for name, values in read_form.items() if len(values) == 1}
