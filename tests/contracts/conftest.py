"""The fixtures of Apple's and of Google's side, by name."""

from tests.apple.push_fixtures import certs, phones, running, shop, wallet, worker
from tests.google.google_fixtures import google, google_shop, google_wallet, running_google
from tests.simulators.strict_apns import apns

__all__ = [
    "apns",
    "certs",
    "google",
    "google_shop",
    "google_wallet",
    "phones",
    "running",
    "running_google",
    "shop",
    "wallet",
    "worker",
]
