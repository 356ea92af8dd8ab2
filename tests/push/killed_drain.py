"""A worker in a process of its own, for a test that kills it."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.push.hearing import drain_of
from tests.shop import Clock, Shop, make_settings
from wallet_service.wiring import build_services


def main(folder: str, database_url: str) -> None:
    clock = Clock()
    shop = Shop(build_services(make_settings(Path(folder), database_url), clock=clock), clock)
    drain_of(shop).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
