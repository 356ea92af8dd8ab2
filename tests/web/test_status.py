"""What probes, Prometheus and managers are told of how everything stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from tests.web.site import ADMIN, Site
from wallet_service import metrics
from wallet_service.db.tables import Outbox
from wallet_service.push.alarms import raise_alarm
from wallet_service.push.http_date import FORM
from wallet_service.push.other_clocks import OtherClocks

TOKEN = "f" * 40


def figures(site: Site) -> dict[str, float]:
    lines = site.app.test_client().get("/metrics").text.splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


def test_figures_of_the_database_are_looked_up_at_the_scrape(site: Site) -> None:
    site.shop.join()
    site.clock.forward(seconds=40)
    found = figures(site)
    assert found['dirty_rows{channel="apple",prio="till"}'] == 1
    assert found['oldest_dirty_seconds{channel="apple",prio="till"}'] == 40
    assert (
        found["registrations"],
        found.get("lane_unheld_seconds", 0),
    ) == (0, 0)
    assert any(name.startswith("cert_days_left{") for name in found)


def test_what_is_parked_is_counted_apart(site: Site) -> None:
    site.shop.join()
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Outbox).values(parked=True))
    found = figures(site)
    assert found['parked_rows{channel="apple",prio="till"}'] == 1
    assert not [name for name in found if name.startswith("dirty_rows")]


def test_bookings_count_when_they_are_there_for_good(site: Site) -> None:
    card = site.shop.join()
    before = figures(site).get('ledger_ops_total{kind="earn"}', 0)
    site.shop.earn(card, key="once")
    site.shop.earn(card, key="once")
    try:
        with site.shop.services.sessions.begin() as session:
            session.info.setdefault("counted", []).append("earn")
            raise KeyError
    except KeyError:
        pass
    assert figures(site)['ledger_ops_total{kind="earn"}'] == before + 1
    assert figures(site)["duplicate_op_total"] >= 1


def test_figures_want_the_token(open_site: Callable[..., Site]) -> None:
    client = open_site(WALLET_METRICS_TOKEN=TOKEN).app.test_client()
    given: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
    )
    assert [client.get("/metrics", headers=headers).status_code for headers in given] == [401, 401, 401]
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_database_that_is_away_leaves_the_other_figures(site: Site) -> None:
    with site.shop.services.sessions.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE outbox RENAME TO gone")
    found = figures(site)
    assert "disk_free_ratio" in found
    assert not [name for name in found if name.startswith("dirty_rows")]


def test_a_backlog_makes_nothing_unready(site: Site) -> None:
    site.shop.join()
    site.clock.forward(hours=30)
    answer = site.app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["faults"]) == (200, [])
    assert answer.get_json()["oldest_due_seconds"] == 30 * 3600


def test_tables_of_an_older_release_are_a_fault(site: Site) -> None:
    with site.shop.services.sessions.begin() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
    assert site.app.test_client().get("/readyz").get_json()["faults"] == ["tables"]


def test_a_newer_releases_tables_are_none(site: Site) -> None:
    """The old processes go on while the new ones come up."""
    with site.shop.services.sessions.begin() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert site.app.test_client().get("/readyz").get_json()["faults"] == []


def test_a_broker_that_is_away_is_a_warning(open_site: Callable[..., Site], free_port: int) -> None:
    site = open_site(WALLET_QUEUE_URL=f"redis://127.0.0.1:{free_port}/0")
    answer = site.app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["warnings"]) == (200, ["queue"])


def test_certificates_that_have_expired_let_the_tills_go_on(site: Site) -> None:
    site.clock.forward(days=400)
    answer = site.app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["warnings"]) == (200, ["certificates"])


def test_managers_read_it_in_words(site: Site) -> None:
    page = site.visitor().get("/status").press("", pin=ADMIN).get("/status")
    assert page.path == "/office/status"
    assert "✓ Takes bookings" in page.text
    assert "0 cards wait to be told" in page.text
    site.shop.join()
    assert site.visitor("ru").get("/status").status == 200


def test_a_clock_that_others_contradict_is_a_warning_and_the_tills_go_on(site: Site) -> None:
    clocks = OtherClocks(site.shop.services.settings.data_dir)
    for host in ("oauth2.googleapis.com", "hooks.example.com"):
        clocks.heard(f"https://{host}/", (site.clock() - timedelta(hours=1)).strftime(FORM))
    answer = site.app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["warnings"]) == (200, ["clock"])
    page = site.visitor().get("/status").press("", pin=ADMIN).get("/status").text
    assert "It is wrong: no card is signed until it is right" in page
    assert "It is ahead, as other servers say. Difference: 60 minutes." in page
    site.shop.earn(site.shop.join())


def test_the_size_of_the_newest_backup_is_shown(site: Site) -> None:
    folder = site.shop.services.settings.backup_dir
    folder.mkdir(parents=True)
    (folder / f"wallet-{site.clock():%Y%m%dT%H%M%SZ}.sqlite.gz").write_bytes(bytes(3_400_000))
    page = site.visitor().get("/status").press("", pin=ADMIN).get("/status").text
    assert ", 3 MB" in page.split("The newest: ")[1][:30]


def test_alarms_and_certificates_speak_the_language_of_the_page(site: Site) -> None:
    now, pass_type = site.clock(), "pass.com.example.shop"
    with site.shop.services.sessions.begin() as session:
        raise_alarm(session, "certificate", f"{pass_type} certificate", "3 days or less.", now)
        raise_alarm(session, "phones", "invalid-pass", "Phones of 9 cards complained.", now)
        raise_alarm(session, "backup", "backup", "The disk said no.", now)
    manager = site.cashier("ru", name="Olga")
    for address in ("/office", "/office/status"):
        page = manager.get(address).text
        assert "Сертификат скоро закончится Обновите его: flask wallet certs csr ." in page
        assert f"{pass_type}, сертификат · С 2 ноября" in page
        assert "Он не может прочитать карту, которую мы подписали." in page
        assert "Подробности The disk said no." in page
        assert " certificate" not in page


def test_every_answer_has_a_name(site: Site) -> None:
    client = site.app.test_client()
    assert client.get("/", headers={"X-Request-Id": "till-7.a_b"}).headers["X-Request-Id"] == "till-7.a_b"
    for odd in ("", "a b", "-x", "x" * 65, "a\u00e9", "a;b", "<script>"):
        named = client.get("/", headers={"X-Request-Id": odd}).headers["X-Request-Id"]
        assert named != odd
        assert len(named) == 16
    assert len({client.get("/nowhere").headers["X-Request-Id"] for _ in range(9)}) == 9


def test_figures_name_nobody(site: Site, tmp_path: Path) -> None:
    site.shop.earn(site.shop.join("Grace Hopper"))
    told = site.app.test_client().get("/metrics").text
    assert "Hopper" not in told
    assert metrics.counted()
