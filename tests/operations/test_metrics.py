"""/metrics: who may read them, and what they say."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from config.operations import noticeboard
from config.operations.tasks import audit_ledger
from config.outbox.models import Delivery, Message
from points import ledger

pytestmark = pytest.mark.django_db


def value(text: str, sample: str) -> float | None:
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def scrape(client: Client) -> str:
    response = client.get("/metrics", REMOTE_ADDR="127.0.0.1")
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture(autouse=True)
def only_this_machine(settings) -> None:
    settings.METRICS_ALLOWED = ["127.0.0.1"]


def test_strangers_find_no_such_page(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404


def test_a_forged_forwarding_header_opens_nothing(client: Client) -> None:
    forged = {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}
    assert client.get("/metrics", **forged).status_code == 404


def test_who_comes_through_the_proxy_is_judged_by_his_own_address(client: Client, settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    through = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    assert client.get("/metrics", **through).status_code == 404


@pytest.mark.parametrize(
    ("given", "status"), [("Bearer secret", 200), ("Bearer secre", 404), ("secret", 404), ("", 404)]
)
def test_the_token_opens_them_from_anywhere(client: Client, settings, given: str, status: int) -> None:
    settings.METRICS_TOKEN = "secret"
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"authorization": given})
    assert answer.status_code == status


def test_without_a_token_an_empty_bearer_opens_nothing(client: Client, settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"authorization": "Bearer "}).status_code == 404


def test_a_request_is_counted_under_its_route(client: Client) -> None:
    home, lost = (
        'mall_requests_total{route="mall:home",status="200"}',
        'mall_requests_total{route="unmatched",status="404"}',
    )
    before = scrape(client)
    client.get("/", {"secret": "13800000001"})
    client.get("/no/such/page/")
    after = scrape(client)
    assert value(after, home) == (value(before, home) or 0) + 1
    assert value(after, lost) == (value(before, lost) or 0) + 1
    assert "13800000001" not in after
    assert "/no/such" not in after


def test_what_is_not_delivered_is_counted_with_the_age_of_the_oldest(client: Client) -> None:
    hour_ago = timezone.now() - timedelta(hours=1)
    old = Message.objects.create(event="T", stream="t:1", payload={}, published_at=hour_ago)
    new = Message.objects.create(event="T", stream="t:2", payload={})
    Delivery.objects.create(message=old, handler="a", stream="t:1", state="dead")
    Delivery.objects.create(message=old, handler="b", stream="t:1")
    Delivery.objects.create(message=new, handler="b", stream="t:2")
    Delivery.objects.create(message=new, handler="c", stream="t:2", state="delivered", resolved_at=hour_ago)
    text = scrape(client)
    assert value(text, 'mall_outbox_deliveries{state="pending"}') == 2
    assert value(text, 'mall_outbox_deliveries{state="dead"}') == 1
    assert 3599 < (value(text, 'mall_outbox_oldest_seconds{state="pending"}') or 0) < 3700


def test_tasks_and_the_last_audit_are_told(client: Client) -> None:
    noticeboard.count_run(task="points.expire", outcome="success", seconds=0.5)
    noticeboard.count_run(task="points.expire", outcome="success", seconds=0.25)
    noticeboard.count_run(task="points.expire", outcome="failure", seconds=0.1)
    with transaction.atomic():
        account = ledger.open_account(asset="points")
        ledger.earn(account=account, points=5, key="k", source="s", at=timezone.now())
    audit_ledger()
    text = scrape(client)
    assert value(text, 'mall_task_runs_total{outcome="success",task="points.expire"}') == 2
    assert value(text, 'mall_task_runs_total{outcome="failure",task="points.expire"}') == 1
    assert value(text, 'mall_task_run_seconds_total{outcome="success",task="points.expire"}') == 0.75
    assert value(text, "mall_ledger_discrepancies") == 0
    assert abs((value(text, "mall_ledger_audit_timestamp_seconds") or 0) - timezone.now().timestamp()) < 60


def test_a_redis_that_is_down_hides_nothing_else(client: Client, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    text = scrape(client)
    assert value(text, 'mall_server_reachable{server="redis"}') == 0
    assert value(text, 'mall_server_reachable{server="database"}') == 1
    assert value(text, 'mall_outbox_deliveries{state="pending"}') == 0
