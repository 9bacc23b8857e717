"""Codes of authenticator apps: the numbers of RFC 6238, what staff may type, how long a wrong code makes them wait."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from config.back_office.two_step import codes

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
AT = datetime(2026, 10, 14, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    step = codes.step_at(at)
    assert codes.code_at(secret=RFC_SECRET, step=step) == code
    assert codes.matching_step(secret=RFC_SECRET, code=code, at=at, after=0) == step
    assert codes.matching_step(secret=RFC_SECRET, code=code, at=at, after=step) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (" 123 456 ", "123456"),
        ("１２３４５６", "123456"),
        ("abcde-fghjk", "ABCDEFGHJK"),
        ("", ""),
        ("１２３—４", "123—4"),
    ],
)
def test_what_was_typed_is_read_as_it_was_meant(typed: str, meant: str) -> None:
    assert codes.read(typed) == meant


@pytest.mark.parametrize(("failures", "wait"), [(0, 0), (1, 1), (2, 2), (5, 16), (10, 512), (11, 900), (100, 900)])
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(failures: int, wait: int) -> None:
    assert codes.seconds_to_wait(failures=failures, failed_at=AT, at=AT) == wait
    assert codes.seconds_to_wait(failures=failures, failed_at=AT, at=AT + timedelta(seconds=wait)) == 0


def test_half_a_second_is_still_a_wait() -> None:
    assert codes.seconds_to_wait(failures=1, failed_at=AT, at=AT + timedelta(milliseconds=500)) == 1


def test_secrets_and_backup_codes_differ_and_are_long_enough() -> None:
    assert len({codes.new_secret() for _ in range(50)}) == 50
    assert {len(base64.b32decode(codes.new_secret())) for _ in range(5)} == {20}
    assert len({code for _ in range(50) for code in codes.new_backup_codes()}) == 500


def test_the_address_for_the_app_names_shop_and_account_and_survives_odd_names() -> None:
    address = urlsplit(codes.address_for_app(secret=RFC_SECRET, shop="云杉: 会员&商城", username="lin@shop"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == "/云杉  会员&商城:lin@shop"
    assert parse_qs(address.query) == {"secret": [RFC_SECRET], "issuer": ["云杉  会员&商城"]}
