"""One gift of a benefit, given or taken back by many at once; controls show what happens without claim and lock."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import BenefitGift, Receipt
from campaigns.rules.gifts import FeeReturned, Promise
from campaigns.services import benefit_gifts
from members.models import Member
from points import ledger
from tests.campaigns.gifts import NOW
from tests.campaigns.rows import a_member, points_of
from tests.campaigns.test_races import THREADS, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
GIFT = Promise(kind="welcome_gift", origin="plan", granted_by="year", title="开卡礼", period="plan:year", points=500)
FEE = FeeReturned(paid_cents=9900, refunded_cents=9900, rule="full")


def give(member: Member) -> int | None:
    return benefit_gifts.give_promised(member_id=member.pk, promise=GIFT, at=NOW)


def take_back(member: Member) -> int:
    return benefit_gifts.take_back_welcome(member_id=member.pk, plan_code="year", fee=FEE, at=NOW)


def test_one_promise_delivered_to_eight_workers_is_given_once() -> None:
    member = a_member()
    results = at_once(lambda _: give(member))
    assert sorted(result is None for result in results) == [False] + [True] * (THREADS - 1)
    assert (points_of(member, NOW), BenefitGift.objects.count(), Receipt.objects.count()) == (500, 1, 1)
    assert ledger.audit() == []


def test_control_of_two_who_look_before_they_write_one_meets_the_constraint(monkeypatch: pytest.MonkeyPatch) -> None:
    member, met = a_member(), threading.Barrier(2)

    def look_then_write(member_id: int, promise: Promise, at: Any) -> BenefitGift | None:
        seen = BenefitGift.objects.filter(member=member_id).exists()
        met.wait(5)
        return None if seen else BenefitGift.objects.create(member_id=member_id, due_at=at, **vars(promise))

    monkeypatch.setattr(benefit_gifts, "_claim", look_then_write)
    results = at_once(lambda _: give(member), threads=2)
    refused = [result for result in results if isinstance(result, IntegrityError)]
    assert [str(error).count("benefitgift_once_per_period") for error in refused] == [1]
    assert points_of(member, NOW) == 500


def test_one_fee_told_to_eight_workers_takes_the_gift_back_once() -> None:
    member = a_member()
    with transaction.atomic():
        give(member)
    results = at_once(lambda _: take_back(member))
    assert sorted(str(result) for result in results) == ["0"] * (THREADS - 1) + ["500"]
    assert (points_of(member, NOW), Receipt.objects.filter(trigger="benefit_taken_back").count()) == (0, 1)
    assert ledger.audit() == []


def test_control_without_the_lock_two_take_the_same_gift_back(monkeypatch: pytest.MonkeyPatch) -> None:
    member, met = a_member(), threading.Barrier(2)
    with transaction.atomic():
        give(member)

    def look_together(receipt_id: int) -> Receipt:
        receipt = Receipt.objects.get(pk=receipt_id)
        met.wait(5)
        return receipt

    looked = threading.Barrier(2)

    def both_see_none(receipt: Receipt) -> bool:
        seen = receipt.clawbacks.exists()
        looked.wait(5)
        return seen

    monkeypatch.setattr(benefit_gifts, "_locked", look_together)
    monkeypatch.setattr(benefit_gifts, "_is_taken_back", both_see_none)
    results = at_once(lambda _: take_back(member), threads=2)
    refused = [result for result in results if isinstance(result, IntegrityError)]
    assert len(refused) == 1
    assert points_of(member, NOW) == 0
