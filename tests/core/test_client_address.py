"""Client addresses are believed from trusted proxies alone."""

import pytest
from django.test import RequestFactory, override_settings

from config.core.client_address import client_address


def seen(remote: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # not a proxy of ours: its header is its own invention
        ("10.0.0.2", None, "10.0.0.2"),
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the client wrote 1.2.3.4 itself
        ("10.0.0.2", "198.51.100.1, 10.0.0.9", "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1, nonsense", "10.0.0.2"),
        ("::ffff:10.0.0.2", "2001:db8::1", "2001:db8::1"),
        ("", "198.51.100.1", ""),
        ("unix:", None, ""),
    ],
)
@override_settings(TRUSTED_PROXIES=["10.0.0.0/8"])
def test_the_nearest_address_that_is_not_a_trusted_proxy_is_the_client(
    remote: str, forwarded: str | None, client: str
) -> None:
    assert seen(remote, forwarded) == client


def test_without_trusted_proxies_the_header_means_nothing() -> None:
    assert seen("127.0.0.1", "198.51.100.1") == "127.0.0.1"
