"""How long a wrong code takes to be refused tells nothing about the right one."""

import hmac
import re
from datetime import timedelta

import pytest
from django.db import transaction

from members.models import DevMessage
from members.rules import till_codes
from members.services import login_codes
from tests.members.factories import AT, PHONE

pytestmark = pytest.mark.django_db


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The lengths of each pair that was compared in constant time."""
    lengths: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def noted(one: str, other: str) -> bool:
        lengths.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    return lengths


def sent_code(settings: object) -> str:
    settings.SMS_SENDER, settings.DEV_INBOX = "console", True  # type: ignore[attr-defined]
    with transaction.atomic():
        login_codes.send_code(phone=PHONE, address="203.0.113.7", at=AT)
    found = re.search(r"\d{6}", DevMessage.objects.latest("pk").text)
    assert found is not None
    return found[0]


@pytest.mark.django_db(transaction=True)
def test_log_in_codes_are_compared_whole_however_wrong_they_are(
    settings: object, compared: list[tuple[int, int]]
) -> None:
    code = sent_code(settings)
    first, last = ("1" if code[0] != "1" else "2") + code[1:], code[:5] + ("1" if code[5] != "1" else "2")
    refusals = []
    for typed in (first, last, code):
        with transaction.atomic():
            refusals.append(type(login_codes.try_code(phone=PHONE, code=typed, at=AT + timedelta(seconds=9))).__name__)
    assert refusals == ["WrongCode", "WrongCode", "NoneType"]
    assert compared == [(64, 64)] * 3


def test_a_till_code_is_compared_with_all_of_its_minute_though_the_first_fits(
    compared: list[tuple[int, int]],
) -> None:
    number, secret, now = "10000001", b"s" * 32, int(AT.timestamp())
    oldest = till_codes.read(till_codes.code_for(number=number, secret=secret, second=now - 59))
    assert oldest is not None
    assert till_codes.second_of(proof=oldest.proof, secret=secret, second=now) == now - 59
    assert compared == [(8, 8)] * 60
