"""`python -m simulators.apns`: run until stopped; one line on stdout says where."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

from simulators.apns.connection import Connection
from simulators.apns.control import Control
from simulators.apns.history import History
from simulators.apns.house import House
from simulators.apns.tls import context


def main() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(_arguments()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulators.apns", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--cert", type=Path, required=True, help="our own certificate, PEM")
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument(
        "--client-ca", type=Path, required=True, help="who may have signed a client's certificate"
    )
    parser.add_argument(
        "--token-key", action="append", default=[], metavar="TEAM:KEY_ID:PUBLIC.pem", help="a key for tokens"
    )
    parser.add_argument("--state", type=Path, help="keeps the subscribers over a restart")
    return parser.parse_args()


async def _serve(wish: argparse.Namespace) -> None:
    house = House(History(wish.state), context(wish.cert, wish.key, wish.client_ca))
    for key in wish.token_key:
        team, key_id, file = key.split(":", 2)
        house.keys.trust({"team": team, "key_id": key_id, "public_key": Path(file).read_text()})
    loop = asyncio.get_running_loop()
    pushes = await loop.create_server(lambda: Connection(house), "127.0.0.1", wish.port)
    control = await asyncio.start_server(Control(house).serve, "127.0.0.1", wish.control_port)
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    print(
        f"APNs simulator: https://127.0.0.1:{_port(pushes)} control http://127.0.0.1:{_port(control)}",
        flush=True,
    )
    await stopped.wait()


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


if __name__ == "__main__":
    main()
