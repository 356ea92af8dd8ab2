"""The fixtures of Apple's side, by name."""

from tests.apple.push_fixtures import apns, certs, phones, running, shop, wallet, worker

__all__ = ["apns", "certs", "phones", "running", "shop", "wallet", "worker"]
