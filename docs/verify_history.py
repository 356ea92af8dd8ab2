"""Checks the history of a card that its member downloaded, and that nothing in it changed since an earlier
download: python verify_history.py history.json [earlier.json]
"""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any


def wrong(history: Any, earlier: Any) -> str | None:
    """What is wrong, in words; None when every line follows from the one before it."""
    before, balance = "", 0
    for number, entry in enumerate(history["entries"], 1):
        line = entry["line"]
        said = json.dumps([before, line], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if sha256(said.encode()).hexdigest() != entry["hash"]:
            return f"Line {number} was changed, or a line before it was taken out or put in."
        before, balance = entry["hash"], balance + line["points"]
        if (line["card"], line["seq"], line["balance_after"]) != (history["card"], number, balance):
            return f"Line {number} has not the card, the number or the balance that it should have."
    if (before, balance) != (history["head"], history["balance"]):
        return f"Lines are missing after line {len(history['entries'])}."
    if [entry["hash"] for entry in history["entries"]][: len(earlier)] != [one["hash"] for one in earlier]:
        return "A line is not what it was in the earlier file."
    return None


if __name__ == "__main__":
    files = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    if found := wrong(files[0], files[1]["entries"] if len(files) > 1 else []):
        sys.exit(found)
    last = f"balance {files[0]['balance']}, last hash {files[0]['head'] or 'none'}"
    sys.stdout.write(f"All {len(files[0]['entries'])} lines follow from each other: {last}.\n")
