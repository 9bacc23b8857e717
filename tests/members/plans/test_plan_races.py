"""Paid time from many sides at once; the control shows what is left to the database without the member's lock."""

from itertools import pairwise

import pytest
from django.db import transaction

from members.models import Subscription
from members.services import subscriptions
from tests.members.factories import AT, a_member
from tests.members.plans.factories import a_plan
from tests.members.test_races import at_once, meeting_point

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def buy_at_once(*, same_order: bool) -> list[str]:
    member, plan = a_member(), a_plan("month", kind="month")

    def act(number: int) -> object:
        ref = f"order:{1 if same_order else number + 1}"
        with transaction.atomic():
            return subscriptions.activate(
                member_id=member.pk, plan_id=plan.pk, order_ref=ref, paid_cents=9900, key=f"{ref}:plan", at=AT
            )

    return sorted(type(answer).__name__ for answer in at_once(act))


def test_one_payment_told_many_times_at_once_adds_one_month() -> None:
    answers = buy_at_once(same_order=True)
    assert set(answers) == {"Added"}
    assert Subscription.objects.count() == 1


def test_months_bought_at_once_stand_behind_each_other() -> None:
    answers = buy_at_once(same_order=False)
    assert set(answers) == {"Added"}
    rows = list(Subscription.objects.order_by("starts_at"))
    assert len(rows) == len(answers)
    assert all(one.ends_at == other.starts_at for one, other in pairwise(rows))


def test_control_without_the_lock_the_database_refuses_the_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    meet = meeting_point()
    monkeypatch.setattr(subscriptions, "lock_members", lambda member_ids: meet())
    answers = buy_at_once(same_order=False)
    assert "IntegrityError" in answers
