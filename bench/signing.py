"""A signed, personalised pass whose pictures are cached, beside the bare signature inside it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from bench.result import Result
from wallet_service.apple.pkpass import Prepared, bundle
from wallet_service.apple.sandbox_certificates import make_sandbox
from wallet_service.apple.signer import Keyring, Signer

REPEATS, SECONDS_EACH = 15, 0.2
SIZES = {  # with pass.json 12 files and about 58 KB, in two languages
    "icon.png": 1_200,
    "icon@2x.png": 2_400,
    "icon@3x.png": 3_600,
    "logo.png": 1_500,
    "logo@2x.png": 3_000,
    "logo@3x.png": 4_500,
    "strip.png": 6_200,
    "strip@2x.png": 13_000,
    "strip@3x.png": 18_600,
    "ru.lproj/pass.strings": 500,
    "en.lproj/pass.strings": 400,
}


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        certs = Path(folder)
        pass_type = make_sandbox(certs, datetime.now(UTC)).pass_type
        keyring = Keyring(certs, lambda: datetime.now(UTC))
        key = keyring.credentials(pass_type).key
        passes, bare = _interleaved(
            _issue(keyring.signer(pass_type)), lambda: key.sign(b"m" * 800, PKCS1v15(), SHA256())
        )
    yield Result(
        name="sign a pass",
        ours=passes,
        peer=bare,
        unit="/s",
        peer_name="raw RSA-2048 signatures",
        target=0.8,
    )


def _issue(signer: Signer) -> Callable[[], object]:
    """Each call is another card: pass.json differs, so nothing signed can be reused."""
    noise = Random(1)
    prepared = Prepared({name: noise.randbytes(size) for name, size in SIZES.items()})
    cards = iter(range(10**9))
    template = _pass_json(signer)
    return lambda: bundle(prepared, {"pass.json": template.replace(b"SERIAL", b"%09d" % next(cards))}, signer)


def _pass_json(signer: Signer) -> bytes:
    fields = [
        {"key": f"field{number}", "label": "Visits", "value": "7 of 10", "changeMessage": "Now: %@"}
        for number in range(30)
    ]
    body = {
        "formatVersion": 1,
        "passTypeIdentifier": signer.pass_type,
        "teamIdentifier": signer.team,
        "serialNumber": "SERIAL",
        "storeCard": {"backFields": fields},
    }
    return json.dumps(body).encode()


def _interleaved(ours: Callable[[], object], limit: Callable[[], object]) -> tuple[float, float]:
    """Turn by turn, so that a busier moment of the machine meets both; the medians."""
    rates = [(_rate(ours), _rate(limit)) for _ in range(REPEATS)]
    return median(rate for rate, _ in rates), median(rate for _, rate in rates)


def _rate(work: Callable[[], object]) -> float:
    done, start = 0, perf_counter()
    while (passed := perf_counter() - start) < SECONDS_EACH:
        work()
        done += 1
    return done / passed


if __name__ == "__main__":
    for result in measure():
        print(f"{result.name}: {result.ours:,.0f}{result.unit}, {result.peer_name}: {result.peer:,.0f}")
        print(f"ratio {result.ratio:.2f} (target {result.target})")
