"""Two browsers give the same code at the same moment: one gets in. The control shows both, without the lock."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import transaction

from config.back_office.models import TwoStepDevice
from config.back_office.two_step import devices
from members.models import User
from tests.admin.authenticator import PASSWORD, code_of, switch_on, wrong_code_of
from tests.members.test_races import at_once, meeting_point

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
NOON = datetime(2026, 10, 14, 4, 0, 15, tzinfo=UTC)


@pytest.fixture
def lin() -> User:
    user = User.objects.create_user("lin", password=PASSWORD, is_staff=True)
    with time_machine.travel(NOON, tick=False):
        switch_on(user)
    return user


def code_at_noon(user: User, make: Callable[[User], str] = code_of) -> str:
    with time_machine.travel(NOON, tick=False):
        return make(user)


def give(user: User, code: str) -> bool:
    with transaction.atomic():
        return devices.check_code(user_id=user.pk, code=code, at=NOON).is_right


def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every thread reads the device before any writes it."""
    meet = meeting_point()

    def unlocked(user_id: int) -> TwoStepDevice | None:
        device = TwoStepDevice.objects.filter(user_id=user_id).first()
        meet()
        return device

    monkeypatch.setattr(devices, "_locked", unlocked)


def test_one_of_four_browsers_gets_in_with_the_same_code(lin: User) -> None:
    code = code_at_noon(lin)
    assert sorted(at_once(lambda _: give(lin, code)), key=str) == [False, False, False, True]


def test_without_the_lock_all_four_get_in(lin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    code = code_at_noon(lin)
    without_lock(monkeypatch)
    assert at_once(lambda _: give(lin, code)) == [True, True, True, True]


def test_of_four_wrong_codes_at_once_one_is_looked_at(lin: User) -> None:
    code = code_at_noon(lin, wrong_code_of)
    assert at_once(lambda _: give(lin, code)) == [False] * 4
    assert TwoStepDevice.objects.get().failures == 1


def test_a_backup_code_opens_for_one_of_four_even_without_the_lock(lin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        backup = devices.renew_backup_codes(user_id=lin.pk)[0]
    without_lock(monkeypatch)
    assert sorted(at_once(lambda _: give(lin, backup)), key=str) == [False, False, False, True]
