"""Workers and senders at once: one message, one claim, no cap passed. Controls show the faults without the guards."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from members.models import Member, Message, MessageDelivery, MessageTally, SubscribeQuota
from members.services import message_deliveries as deliveries
from members.services.message_deliveries import Claim, claim_next
from tests.members.factories import AT, a_member
from tests.members.messaging import a_marketing_template, a_way, agrees, on_wechat, states, tell
from tests.members.test_races import at_once, meeting_point

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
_AT_ONCE = 8


def claims() -> list[Claim]:
    """What eight workers claimed at once, each until nothing is due."""

    def work(number: int) -> list[Claim]:
        mine = []
        while True:
            with transaction.atomic():
                claim = claim_next(at=AT)
            if claim is False:
                return mine
            if isinstance(claim, Claim):
                mine.append(claim)

    found: list[Claim] = []
    for answer in at_once(work, times=_AT_ONCE):
        assert isinstance(answer, list), answer
        found += answer
    return found


def eight_marketing_messages() -> Member:
    member = a_member()
    a_marketing_template()
    agrees(member)
    for number in range(_AT_ONCE):
        tell(member, template="promo", key=f"k{number}")
    return member


def test_eight_workers_never_pass_the_cap_of_two() -> None:
    eight_marketing_messages()
    assert len(claims()) == 2
    assert sorted(state for _, state in states()) == ["claimed"] * 2 + ["suppressed"] * 6
    assert MessageTally.objects.get().day_count == 2


def test_control_a_count_that_is_read_and_then_written_passes_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    member = eight_marketing_messages()
    MessageTally.objects.create(
        member=member, purpose="marketing", day=AT.date(), day_count=0, week=date(2026, 11, 16), week_count=0
    )
    meet = meeting_point(_AT_ONCE)

    def look_then_count(message: Any, at: datetime) -> bool:
        tally = MessageTally.objects.get(member=message.member_id)
        meet()
        if tally.day_count >= 2:
            return False
        MessageTally.objects.update(day_count=F("day_count") + 1)
        return True

    monkeypatch.setattr(deliveries, "_count", look_then_count)
    assert len(claims()) > 2


def test_eight_workers_claim_each_delivery_once() -> None:
    member = a_member()
    a_way("sms")
    for number in range(_AT_ONCE):
        tell(member, key=f"k{number}")
    found = [claim.delivery_id for claim in claims()]
    assert sorted(found) == sorted(MessageDelivery.objects.values_list("pk", flat=True))


def test_control_without_the_lock_two_workers_claim_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    a_way("sms")
    tell(a_member())
    meet = meeting_point(_AT_ONCE)
    queryset = type(MessageDelivery.objects.all())

    def no_lock(self: Any, **_: object) -> Any:
        return self

    def without_a_condition(row: MessageDelivery) -> Any:
        meet()
        return MessageDelivery.objects.filter(pk=row.pk)

    monkeypatch.setattr(queryset, "select_for_update", no_lock)
    monkeypatch.setattr(deliveries, "_still_queued", without_a_condition)
    assert len(claims()) > 1


def test_one_allowance_is_taken_once() -> None:
    member = a_member()
    a_way("wechat_subscribe")
    on_wechat(member, times=1)
    for number in range(_AT_ONCE):
        tell(member, key=f"k{number}")
    assert len(claims()) == 1
    assert SubscribeQuota.objects.get().remaining == 0


def test_the_same_message_sent_by_eight_at_once_is_told_once() -> None:
    member = a_member()
    a_way("sms")
    answers = at_once(lambda number: tell(member), times=_AT_ONCE)
    assert sorted(map(str, answers)) == ["False"] * 7 + ["True"]
    assert (Message.objects.count(), MessageDelivery.objects.count()) == (1, 1)
