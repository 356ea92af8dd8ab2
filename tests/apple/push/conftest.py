"""The fixtures of Apple's side, by name."""

from tests.apple.push_fixtures import certs, phones, running, shop, wallet, worker

__all__ = ["certs", "phones", "running", "shop", "wallet", "worker"]
