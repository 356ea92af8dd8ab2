"""What is installed in production is named to the byte."""

from __future__ import annotations

import re

from tests.house.tree import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
LOCKED = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


def pins(name: str) -> dict[str, str]:
    found = PIN.findall((ROOT / name).read_text())
    return {package.lower().replace("_", "-"): version for package, version in found}


def test_S30_the_lock_holds_every_pin_with_its_version() -> None:
    locked = pins("requirements.lock")
    wanted = pins("requirements.txt") | pins("simulators/requirements.txt")
    assert {name: locked.get(name) for name in wanted} == wanted, "Run: make lock"


def test_S30_every_line_of_the_lock_carries_its_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert len(LOCKED.findall(text)) == len(pins("requirements.lock"))
    assert LOCKED.sub("", text).strip() == ""
