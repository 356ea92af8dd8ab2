"""Several processes count together: no count is lost when one of them dies, and no file stays behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COUNTS = """
import sys
from pathlib import Path
from wallet_service import metrics
metrics.share(Path(sys.argv[1]))
for line in sys.stdin:
    for _ in range(int(line)):
        metrics.PUSHES.inc("apple", "told")
        metrics.CHANGE_TO_PUSH.saw(0.3, "apple")
        metrics.GOOGLE_TOKENS.set(int(line))
    found = {sample.name: sample.value for metric in metrics.counted() for sample in metric.samples}
    pushes, seen = found.get("push_total", 0), found.get("change_to_push_seconds_count", 0)
    print(pushes, seen, found.get("google_tokens_left"), flush=True)
"""
STARTS = """
import sys
from pathlib import Path
from wallet_service import metrics
metrics.share(Path(sys.argv[1]))
"""
FORKS = """
import os, sys
from pathlib import Path
from wallet_service import metrics
metrics.share(Path(sys.argv[1]))
metrics.PUSHES.inc("apple", "told")
if os.fork() == 0:
    metrics.PUSHES.inc("apple", "told")
    os._exit(0)
os.wait()
samples = [sample for metric in metrics.counted() for sample in metric.samples]
print([sample.value for sample in samples if sample.name == "push_total"])
"""


class Process:
    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-c", COUNTS, str(folder)]
        self._it = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def counts(self, times: int) -> str:
        """Answers what it then sees of all."""
        assert self._it.stdin is not None
        assert self._it.stdout is not None
        self._it.stdin.write(f"{times}\n")
        self._it.stdin.flush()
        return self._it.stdout.readline().strip()

    def dies(self) -> None:
        self._it.kill()
        self._it.communicate()


def test_a_sum_is_of_all_processes_and_outlives_them(tmp_path: Path) -> None:
    first, second, third = (Process(tmp_path) for _ in range(3))
    first.counts(100)
    assert second.counts(20) == "120.0 120.0 20.0"
    first.dies()
    second.dies()
    assert third.counts(0) == "120.0 120.0 None"
    assert third.counts(3) == "123.0 123.0 3.0"
    third.dies()


def test_files_of_the_dead_go_away(tmp_path: Path) -> None:
    for times in range(1, 5):
        process = Process(tmp_path)
        process.counts(times)
        process.dies()
    last = Process(tmp_path)
    assert last.counts(0).startswith("10.0 10.0")
    assert len(list(tmp_path.glob("*.lock"))) == 1
    assert len(list(tmp_path.glob("*.db"))) == 5  # three of the living, two of the past
    last.dies()


def test_each_start_clears_up_though_nobody_ever_asks(tmp_path: Path) -> None:
    for _ in range(2):
        subprocess.run([sys.executable, "-c", STARTS, str(tmp_path)], check=True)
    assert len(list(tmp_path.glob("*.lock"))) == 1


def test_a_child_counts_by_itself(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FORKS, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[2.0]"


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_serve(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = Process(tmp_path / "file" / "below")
    assert process.counts(2) == "2.0 2.0 2.0"
    process.dies()


@pytest.mark.parametrize("name", ["counter", "histogram"])
def test_the_disk_is_asked_for_its_room_before_anything_is_counted(tmp_path: Path, name: str) -> None:
    """A file with holes in it, mapped into memory, would end the process on a full disk."""
    process = Process(tmp_path)
    process.counts(1)
    (file,) = tmp_path.glob(f"{name}_*.db")
    assert file.stat().st_blocks * 512 >= file.stat().st_size
    process.dies()
