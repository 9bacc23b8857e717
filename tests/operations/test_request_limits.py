"""How much one address may send."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_a_minute(settings) -> None:
    settings.PAGE_POSTS_PER_MINUTE = 2


def send(client: Client, path: str = "/theme/", address: str = "203.0.113.9", **more: str):
    return client.post(path, {"theme": "dark"}, REMOTE_ADDR=address, **more)


def test_the_third_in_a_minute_is_refused_with_a_page_and_a_time(client: Client) -> None:
    assert [send(client).status_code for _ in range(3)] == [302, 302, 429]
    refused = send(client)
    assert refused.headers["Retry-After"] == "60"
    assert "请稍等一分钟" in refused.content.decode()
    assert "script-src" not in refused.headers["Content-Security-Policy"]  # the strict one


def test_htmx_is_answered_with_a_toast(client: Client) -> None:
    refused = [send(client, HTTP_HX_REQUEST="true") for _ in range(3)][-1]
    assert (refused.status_code, refused.headers["HX-Reswap"]) == (429, "none")
    assert "toast" in refused.headers["HX-Trigger"]


def test_other_addresses_go_on_and_a_strangers_header_makes_no_other_address(client: Client) -> None:
    for number in range(3):
        last = send(client, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert last.status_code == 429
    assert send(client, address="203.0.113.10").status_code == 302


def test_an_ipv6_customer_is_one_sender(client: Client) -> None:
    assert [send(client, address=f"2001:db8::{number}").status_code for number in range(3)] == [302, 302, 429]


def test_reading_and_the_api_are_not_counted_here(client: Client) -> None:
    for _ in range(3):
        send(client)
    assert client.get("/", REMOTE_ADDR="203.0.113.9").status_code == 200
    assert send(client, path="/api/v1/no-such/").status_code == 404


def test_without_redis_nobody_is_refused(client: Client, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert [send(client).status_code for _ in range(3)] == [302] * 3
