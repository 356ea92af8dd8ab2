"""The same work by us and by libraries that are to be had: signing a pass, answering phones, waking phones.

Each peer is installed by name and version into a folder that is thrown away, and is used as its own pages
say, with what it lets one keep kept: keys and pictures loaded once where it can. All work on the same card
and the same key; waking goes to the same server on loopback. Where a peer has no web service or no pushes
there is no line. Every figure is of one process, and is CPU time for signing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.peers import signing, waking, web_service
from bench.peers.places import Places
from bench.peers.stand import Stand
from bench.result import Result
from bench.told import told


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        with told("install the peers"):
            places = Places.made(Path(folder) / "places")
        stand = Stand(Path(folder) / "stand")
        for work in (signing, waking, web_service):
            with told(work.__name__):
                yield from work.measure(places, stand)
