"""Pushes over one connection: our APNs client and h2load against the same nghttpd, each on one core.

`h2load` is the limit: same headers, same body, same tokens, as many streams, about as long. What counts is
the clock, because both wait for the same server; the medians of many short turns are those of a quiet moment.
A second line sets us beside a bare libcurl loop that repeats ready requests over the same held-back wire:
what is missing there is the price of our own Python.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from uuid import uuid4

import pycurl

from bench.result import Result
from simulators.apns.papers import Authority, Paper
from wallet_service.apple.waking.apns import Apns
from wallet_service.apple.waking.apns_answers import Push, Verdict
from wallet_service.apple.waking.apns_line import Line

COUNT = 20_000
FASTER = 3  # h2load gets that many more to do, so that all run about as long
STREAMS = 100
ROUNDS = 7
TOPIC = "pass.example.coffee"
TOKENS = [sha256(str(number).encode()).hexdigest() for number in range(1000)]
HEADERS = {
    "apns-expiration": "1800000000",
    "apns-push-type": "background",
    "apns-priority": "5",
    "apns-topic": TOPIC,
    "apns-id": "0f3f7c8e-7e0b-4a57-9c0b-2c8d6b7f1a11",
}


def measure() -> list[Result]:
    """Medians of rounds in which all three take turns: what else the machine does hits them alike."""
    with tempfile.TemporaryDirectory() as name, on_one_core():
        folder = Path(name)
        with standing(folder) as (client, url):
            rounds = [
                (ours(client), h2load(folder, url), _bare(url, folder / "ca.pem")) for _ in range(ROUNDS)
            ]
    sent, limit, bare = (median(figures) for figures in zip(*rounds, strict=True))
    return [
        Result("pushes over one connection", sent, limit, "a second", "h2load", 0.35),
        Result("pushes, the price of Python", sent, bare, "a second", "bare libcurl", 0.75),
    ]


@contextmanager
def on_one_core() -> Iterator[None]:
    """We and h2load, which inherits it, take the last core; the server has the first."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def standing(folder: Path) -> Iterator[tuple[Apns, str]]:
    """Our client and the address of the server that it pushes to; `folder/tokens` names whom it knows."""
    authority = Authority(folder)
    paper = authority.pass_certificate(TOPIC)
    (folder / "tokens").write_text("\n".join(TOKENS))
    with (
        _nghttpd(folder, authority.server) as url,
        Apns(url=url, certificate=paper.certificate, key=paper.key, ca_file=authority.file) as client,
    ):
        yield client, url


@contextmanager
def _nghttpd(folder: Path, paper: Paper) -> Iterator[str]:
    """It serves files, and a POST to one is answered with 200: a file for each token."""
    port = _free_port()
    for token in TOKENS:
        file = folder / "site/3/device" / token
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    command = ["nghttpd", "--address=127.0.0.1", f"--htdocs={folder / 'site'}", str(port)]
    command = _pinned([*command, str(paper.key), str(paper.certificate)])
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(5)


def _pinned(command: list[str]) -> list[str]:
    return ["taskset", "--cpu-list", "0", *command] if shutil.which("taskset") else command


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("nghttpd did not start within five seconds.")


def ours(client: Apns) -> float:
    pushes = [Push(str(uuid4()), TOKENS[number % len(TOKENS)], TOPIC) for number in range(COUNT)]
    started = time.perf_counter()
    accepted = sum(answer.verdict is Verdict.ACCEPTED for answer in client.send(pushes, datetime.now(UTC)))
    took = time.perf_counter() - started
    if accepted != COUNT:
        raise RuntimeError(f"Only {accepted} of {COUNT} pushes were accepted.")
    return COUNT / took


def h2load(folder: Path, url: str) -> float:
    addresses, body = folder / "addresses", folder / "body"
    addresses.write_text("".join(f"{url}/3/device/{token}\n" for token in TOKENS))
    body.write_text("{}")
    command = ["h2load", "-n", str(COUNT * FASTER), "-c", "1", "-m", str(STREAMS), "-d", str(body)]
    command += [f"--header={name}: {value}" for name, value in HEADERS.items()]
    said = subprocess.run([*command, "-i", str(addresses)], check=True, capture_output=True, text=True).stdout
    figure = re.search(r"([\d.]+) req/s", said)
    if figure is None or f"{COUNT * FASTER} 2xx" not in said:
        raise RuntimeError(f"h2load did not get through:\n{said}")
    return float(figure[1])


def _bare(url: str, ca_file: Path) -> float:
    multi = pycurl.CurlMulti()
    multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_MULTIPLEX)
    multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, 1)
    line = Line()
    handles = [_ready_request(f"{url}/3/device/{token}", ca_file, line) for token in TOKENS[:STREAMS]]
    started = time.perf_counter()
    _repeat(multi, handles, line)
    took = time.perf_counter() - started
    multi.close()
    line.close()
    return COUNT / took


def _ready_request(url: str, ca_file: Path, line: Line) -> pycurl.Curl:
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
    curl.setopt(pycurl.PIPEWAIT, 1)
    curl.setopt(pycurl.OPENSOCKETFUNCTION, line.open)
    curl.setopt(pycurl.CAINFO, str(ca_file))
    curl.setopt(pycurl.POSTFIELDS, "{}")
    headers = HEADERS | {"apns-id": str(uuid4())}
    curl.setopt(pycurl.HTTPHEADER, ["accept:", "content-type:", *map(": ".join, headers.items())])
    return curl


def _repeat(multi: pycurl.CurlMulti, handles: list[pycurl.Curl], line: Line) -> None:
    left, busy = COUNT - len(handles), len(handles)
    for curl in handles:
        multi.add_handle(curl)
    while busy:
        with line.held():
            multi.perform()
        _, done, failed = multi.info_read(STREAMS // 3)
        if failed:
            raise RuntimeError(f"libcurl did not get through: {failed[0][2]}")
        for curl in done:
            multi.remove_handle(curl)
            busy -= 1
            if left:
                multi.add_handle(curl)
                left, busy = left - 1, busy + 1
        if not done:
            multi.select(1.0)


if __name__ == "__main__":
    for result in measure():
        print(result)
