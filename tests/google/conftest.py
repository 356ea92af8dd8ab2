"""The fixtures of Google's side, by name."""

from tests.google.google_fixtures import google, google_shop, google_wallet, google_worker, running_google

__all__ = ["google", "google_shop", "google_wallet", "google_worker", "running_google"]
