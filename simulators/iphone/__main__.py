"""Starts the simulated iPhone: `python -m simulators.iphone --port 8003 --root-ca sandbox-root.pem`."""

import argparse
import logging
import signal
import sys
from pathlib import Path
from types import FrameType

from werkzeug.serving import make_server

from simulators.iphone.app import create_app
from simulators.iphone.bundle import Trust
from simulators.iphone.control import LANGUAGES
from simulators.iphone.listening import listen
from simulators.iphone.phones import Phones, Setup
from simulators.iphone.service_client import Network
from simulators.iphone.state import Knobs
from simulators.iphone.store import Store


def main() -> None:
    options = _parser().parse_args()
    if not options.root_ca.is_file():
        sys.exit(f"There is no certificate at {options.root_ca}; name the sandbox root with --root-ca.")
    phones = Phones(_setup(options))
    server = make_server("127.0.0.1", options.port, create_app(phones), threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    if options.apns_control:
        listen(phones.agenda, options.apns_control, f"http://127.0.0.1:{server.server_port}")
    print(f"iPhone simulator on http://127.0.0.1:{server.server_port}", flush=True)
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        phones.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulators.iphone", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="on the loopback interface; 0 picks one")
    parser.add_argument("--root-ca", type=Path, required=True, help="PEM of the root that passes lead to")
    parser.add_argument("--apns-control", help="control address of the APNs simulator")
    parser.add_argument("--state", type=Path, help="folder that keeps the cards over a restart")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--join-url", default="", help="where the empty wallet sends its owner")
    parser.add_argument("--allow-http", action="store_true", help="accept a webServiceURL without https")
    parser.add_argument("--allow-host", action="append", default=[], help="host to download cards from")
    parser.add_argument("--service-ca", help="PEM that web services with https are checked against")
    parser.add_argument("--rate-limit", action="store_true", help="lose patience with too many pushes")
    parser.add_argument(
        "--service-rewrite",
        action="append",
        default=[],
        type=_rewrite,
        metavar="FROM=TO",
        help="reach addresses that start with FROM at TO",
    )
    return parser


def _rewrite(text: str) -> tuple[str, str]:
    start, found, other = text.partition("=")
    if not (start and found and other):
        raise argparse.ArgumentTypeError("must look like https://cards.example=http://127.0.0.1:8000")
    return start, other


def _setup(options: argparse.Namespace) -> Setup:
    return Setup(
        trust=Trust(options.root_ca, options.allow_http),
        network=Network(dict(options.service_rewrite), frozenset(options.allow_host), options.service_ca),
        store=Store(options.state) if options.state else None,
        language=options.language,
        join_url=options.join_url,
        knobs=Knobs(rate_limit=options.rate_limit),
    )


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
