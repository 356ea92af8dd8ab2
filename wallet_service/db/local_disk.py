"""A file of SQLite belongs on a disk of the machine: over a network its locks do not hold, and rows go."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy.engine import make_url

from wallet_service.domain.errors import Misconfigured

MOUNTS = Path("/proc/mounts")
OVER_A_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|ncpfs|afs|9p|virtiofs|ceph|lustre|gpfs|beegfs|davfs|ocfs2|gfs2"
    r"|fuse\.(sshfs|rclone|s3fs|gcsfuse|goofys|glusterfs|ceph|juicefs|curlftpfs|smbnetfs)\S*"
)
OCTAL = re.compile(r"\\([0-7]{3})")


def require_local_disk(url: str, setting: str, mounts: Path = MOUNTS) -> None:
    """`url` is that of a database or a queue; Misconfigured when its file lies on a network file system."""
    if not url.startswith("sqlite:") or not mounts.exists():
        return
    file = Path(make_url(url).database or "").resolve()
    kind = file_system(file, mounts.read_text(encoding="utf-8", errors="replace"))
    if OVER_A_NETWORK.fullmatch(kind):
        raise Misconfigured(
            f"{file} lies on a network file system ({kind}), where SQLite loses rows. Put {setting} on a "
            "disk of this machine; for several machines take PostgreSQL and Redis, as docs/scaling.md says."
        )


def file_system(path: Path, mounts: str) -> str:
    """The kind of the innermost mount around the path, of two at one place the later; without a word for what
    lies on the root, which is the machine's own whatever it is made of.
    """
    found, kind = Path("/"), ""
    for line in mounts.splitlines():
        words = line.split()
        where = Path(OCTAL.sub(lambda code: chr(int(code[1], 8)), words[1]))
        if where != Path("/") and path.is_relative_to(where) and len(where.parts) >= len(found.parts):
            found, kind = where, words[2]
    return kind
