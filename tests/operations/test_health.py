"""/livez and /readyz: what they look at, and what they tell to whom."""

import pytest
import time_machine
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from config.celery import app
from config.operations import noticeboard
from config.operations.tasks import heartbeat

NOBODY = "redis://127.0.0.1:1/0"


def checks(client: Client) -> tuple[int, dict[str, str]]:
    response = client.get("/readyz")
    return response.status_code, response.json()["checks"]


def test_livez_answers_without_any_server(client: Client, settings) -> None:
    settings.REDIS_URL = NOBODY
    response = client.get("/livez", headers={"host": "10.1.2.3"})  # no database is allowed in this test
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_shop_with_all_its_servers_is_ready(client: Client, settings) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["shop.example.com"], True
    heartbeat()
    response = client.get("/readyz", headers={"host": "10.1.2.3"})
    assert response.status_code == 200
    ok = dict.fromkeys(["database", "migrations", "broker", "heartbeat"], "ok")
    assert response.json() == {"status": "ok", "checks": ok}
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds_ago", "state"), [(119, "ok"), (121, "failing")])
def test_a_heartbeat_counts_for_two_minutes(client: Client, seconds_ago: int, state: str) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        noticeboard.note("heartbeat", timezone.now().timestamp() - seconds_ago)
        assert checks(client)[1]["heartbeat"] == state


@pytest.mark.django_db
def test_a_shop_whose_beat_never_ran_is_not_ready(client: Client) -> None:
    assert checks(client) == (503, {"database": "ok", "migrations": "ok", "broker": "ok", "heartbeat": "failing"})


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_fails(client: Client) -> None:
    heartbeat()
    MigrationRecorder(connection).record_unapplied("points", "0001_initial")
    assert checks(client) == (503, {"database": "ok", "migrations": "failing", "broker": "ok", "heartbeat": "ok"})


@pytest.mark.django_db
def test_a_broker_that_is_gone_fails_within_seconds(client: Client, settings, monkeypatch) -> None:
    settings.REDIS_URL = NOBODY
    connect = app.connection_for_write
    monkeypatch.setattr(app, "connection_for_write", lambda **more: connect(NOBODY, **more))
    started = timezone.now()
    assert checks(client) == (503, {"database": "ok", "migrations": "ok", "broker": "failing", "heartbeat": "failing"})
    assert (timezone.now() - started).total_seconds() < 6


def test_a_database_that_is_gone_fails_and_is_told_by_name_only(
    client: Client, django_db_blocker, monkeypatch, log_lines
) -> None:
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setitem(connection.settings_dict, "PORT", "1")
        heartbeat()
        response = client.get("/readyz")
        connection.close()
    expected = {"database": "failing", "migrations": "failing", "broker": "ok", "heartbeat": "ok"}
    assert (response.status_code, response.json()["checks"]) == (503, expected)
    assert "127.0.0.1" not in response.content.decode()
    assert [line for line in log_lines() if '"failing": "database migrations"' in line] != []


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_nothing_can_be_sent_to_them(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
