"""The bearer token that the service account buys at Google, once for all calls (G8, G9)."""

from __future__ import annotations

import hmac
import threading
from functools import partial
from pathlib import Path

import requests
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

from wallet_service.domain.errors import Misconfigured, Unavailable
from wallet_service.google.service_account import read_service_account

SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"  # S2: this and nothing else
PATIENCE = 10.0
NEW_KEY = "Make a new JSON key of the service account in the Google Cloud console."


class Account:
    """One bearer for all threads, bought once and again before it ends (G9)."""

    def __init__(self, key_file: Path, session: requests.Session) -> None:
        self._key_file = key_file
        self._request = partial(Request(session), timeout=PATIENCE)
        self._lock = threading.Lock()
        self._credentials: Credentials | None = None

    def bearer(self) -> str:
        """Misconfigured when the key is none or Google refuses it; Unavailable when nobody answers."""
        with self._lock:
            credentials = self._loaded()
            if not credentials.valid:
                self._buy(credentials)
            return str(credentials.token)

    def drop(self, bearer: str) -> None:
        """Google does not take this one any more; another thread may have bought the next already."""
        with self._lock:
            held = self._credentials
            if held is not None and hmac.compare_digest(str(held.token).encode(), bearer.encode()):
                held.token = None

    def _loaded(self) -> Credentials:
        if self._credentials is None:
            file = read_service_account(self._key_file)
            self._credentials = Credentials(  # type: ignore[no-untyped-call]
                file.signer, file.email, file.info["token_uri"], scopes=[SCOPE]
            )
        return self._credentials

    def _buy(self, credentials: Credentials) -> None:
        """A key file that was replaced is read again with the next attempt."""
        try:
            credentials.refresh(self._request)  # type: ignore[no-untyped-call]
        except RefreshError as error:
            self._credentials = None
            if error.retryable:
                raise Unavailable("Google gives no token at the moment.") from None
            raise Misconfigured(_why(error)) from None
        except (GoogleAuthError, requests.RequestException, OSError):
            raise Unavailable("Google's token address does not answer.") from None
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError):
            credentials.token = None
            raise Unavailable("What Google's token address answers is no token.") from None


def _why(error: RefreshError) -> str:
    said = str(error.args[0])[:200] if error.args else "without a reason"
    if "iat and exp" in said or "short-lived" in said:
        return "Google refuses our token request because of its time: set the clock of this machine (NTP)."
    if "Signature" in said or "account not found" in said:
        return f"Google does not know this key of the service account; perhaps it was deleted. {NEW_KEY}"
    return f"Google gives the service account no token ({said}). {NEW_KEY}"
