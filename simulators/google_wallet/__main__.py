"""Starts the simulated Google Wallet: `python -m simulators.google_wallet --port 8003 --state wallet`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path
from types import FrameType

from werkzeug.serving import make_server

from simulators.google_wallet.accounts import ISSUER, BadKeyFile
from simulators.google_wallet.app import create_app
from simulators.google_wallet.fetching import Reach
from simulators.google_wallet.line import Line
from simulators.google_wallet.world import LANGUAGES, Setup, World


def main() -> None:
    options = _parser().parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", options.port, _not_yet, threaded=True, request_handler=Line)
    server.daemon_threads = True  # type: ignore[attr-defined]
    own = f"http://localhost:{server.server_port}"
    try:
        world = World(_setup(options, own))
    except BadKeyFile as bad:
        sys.exit(str(bad))
    server.app = create_app(world)
    print(f"Google Wallet simulator on http://127.0.0.1:{server.server_port}", flush=True)
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        world.stop()


def _not_yet(_environ: object, _start: object) -> list[bytes]:
    """Stands in until the port is known."""
    return []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulators.google_wallet", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="on the loopback interface; 0 picks one")
    parser.add_argument("--public-url", help="how browsers reach it; http://localhost and the port by itself")
    parser.add_argument("--state", type=Path, help="folder that keeps cards, root key and service account")
    parser.add_argument("--service-account", type=Path, help="key file, made there unless it is there")
    parser.add_argument("--issuer-id", default=ISSUER, help="issuer for whom that account may speak")
    parser.add_argument(
        "--allow-http", action="store_true", help="accept pictures and callbacks without https"
    )
    parser.add_argument("--image-host", action="append", default=[], help="host to load pictures from")
    parser.add_argument("--ca", help="PEM that pictures and callbacks with https are checked against")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--join-url", default="", help="where the empty wallet sends its owner")
    parser.add_argument(
        "--rewrite",
        action="append",
        default=[],
        type=_rewrite,
        metavar="FROM=TO",
        help="reach pictures and callbacks that start with FROM at TO",
    )
    return parser


def _rewrite(text: str) -> tuple[str, str]:
    start, found, other = text.partition("=")
    if not (start and found and other):
        raise argparse.ArgumentTypeError("must look like https://cards.example=http://127.0.0.1:8000")
    return start, other


def _setup(options: argparse.Namespace, own: str) -> Setup:
    key_file = options.service_account or (options.state / "service-account.json" if options.state else None)
    return Setup(
        public_url=(options.public_url or own).rstrip("/"),
        allow_http=options.allow_http,
        reach=Reach(frozenset(options.image_host), dict(options.rewrite), options.ca),
        state=options.state,
        key_file=key_file,
        issuer=options.issuer_id,
        language=options.language,
        join_url=options.join_url,
    )


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
