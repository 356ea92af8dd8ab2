"""What the containers are made of: no secret of the operator's, and no package that nobody looked at."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import ROOT

OPERATORS = (".env", "wallet.env", "secrets")


@pytest.mark.parametrize("name", OPERATORS)
def test_S1_what_holds_secrets_gets_neither_into_an_image_nor_into_the_repository(name: str) -> None:
    for file in (".dockerignore", ".gitignore"):
        lines = [line.strip("/") for line in (ROOT / file).read_text().splitlines()]
        assert name in lines, f"{file} lets {name} through"


def test_compose_reads_secrets_only_from_the_folder_that_is_kept_out() -> None:
    named = re.findall(r"file: (\S+?)\}", (ROOT / "compose.yaml").read_text())
    assert named
    assert all(path.startswith("./secrets/") for path in named)


def test_S30_the_image_holds_the_packages_of_the_lock() -> None:
    assert (
        "pip install --no-cache-dir --require-hashes -r requirements.lock"
        in (ROOT / "Dockerfile").read_text()
    )
