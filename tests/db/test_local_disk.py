"""SQLite on a network file system is refused before it loses anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from wallet_service.db.local_disk import file_system, require_local_disk
from wallet_service.domain.errors import Misconfigured

MOUNTS = r"""
overlay / 9p rw,trans=fd 0 0
/dev/sda1 /srv ext4 rw 0 0
vault:/cards /srv/cards nfs4 rw,vers=4.2 0 0
//nas/cards /srv/with\040space cifs rw 0 0
box:/ /srv/box fuse.sshfs rw 0 0
tmpfs /srv/cards/memory tmpfs rw 0 0
""".strip()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/wallet.db", ""),
        ("/srv/cards.db", "ext4"),
        ("/srv/cards/wallet.db", "nfs4"),
        ("/srv/cards/memory/wallet.db", "tmpfs"),
        ("/srv/with space/wallet.db", "cifs"),
    ],
)
def test_the_innermost_mount_counts(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind


def test_a_database_over_a_network_is_refused_and_one_on_a_disk_is_not(tmp_path: Path) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)
    for place in ("/srv/cards.db", "/srv/cards/memory/wallet.db", "/var/lib/wallet.db"):
        require_local_disk(f"sqlite:///{place}", "WALLET_DATABASE_URL", tmp_path / "mounts")
    require_local_disk("postgresql+psycopg://db/wallet", "WALLET_DATABASE_URL", tmp_path / "mounts")
    for place in ("/srv/cards/wallet.db", "/srv/with space/wallet.db", "/srv/box/wallet.db"):
        with pytest.raises(Misconfigured, match=r"network file system .* WALLET_DATABASE_URL .* PostgreSQL"):
            require_local_disk(f"sqlite:///{place}", "WALLET_DATABASE_URL", tmp_path / "mounts")
