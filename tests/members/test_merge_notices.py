"""Both who may become one are told what will happen, when, and how to object; and when it will not be."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from config.outbox.services import nudging
from config.outbox.services.deliveries import deliver_all
from members.models import Member, MergeRequest, Message
from members.services import merge_requests
from tests.members.factories import AT, a_clerk, a_member
from tests.members.messaging import a_way, states

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: True)


@pytest.fixture
def gone() -> Member:
    return a_member(phone="13800000002")


@pytest.fixture
def kept() -> Member:
    return a_member()


def ask(gone: Member, kept: Member) -> MergeRequest:
    with transaction.atomic():
        return merge_requests.request_merge(source_id=gone.pk, target_id=kept.pk, operator_id=a_clerk().pk, at=AT)


def told(at=AT) -> list[tuple[int, str, str]]:
    with time_machine.travel(at, tick=False):
        deliver_all(at=at, fail_fast=True)
    return list(Message.objects.order_by("pk").values_list("member", "title", "body"))


def test_both_are_told_what_happens_when_and_how_to_object(gone: Member, kept: Member) -> None:
    a_way("sms", template="merge_requested")
    ask(gone, kept)
    words = (
        "您的会员将于 2026-11-19 12:00 合并",
        f"会员 {gone.number} 将于 2026-11-19 12:00 并入 {kept.number}：积分、成长值、订单和权益转入 {kept.number}，"
        f"{gone.number} 不能再单独使用，且无法恢复。如果不是您本人的会员或不同意合并，请在此之前联系客服取消。",
    )
    assert sorted(told()) == sorted([(gone.pk, *words), (kept.pk, *words)])
    assert states() == [("sms", "queued")] * 2
    assert len(told()) == 2


def test_both_are_told_that_it_was_cancelled(gone: Member, kept: Member) -> None:
    request = ask(gone, kept)
    told()
    merge_requests.cancel(request_id=request.pk, operator_id=a_clerk("other").pk, at=AT)
    words = (
        "会员合并已取消",
        f"会员 {gone.number} 不再并入 {kept.number}，两个会员都照常使用，积分和权益没有变化。",
    )
    assert sorted(told()[2:]) == sorted([(gone.pk, *words), (kept.pk, *words)])


def test_a_merge_that_was_cancelled_before_the_telling_is_not_announced(gone: Member, kept: Member) -> None:
    request = ask(gone, kept)
    merge_requests.cancel(request_id=request.pk, operator_id=a_clerk("other").pk, at=AT)
    assert {title for _, title, _ in told()} == {"会员合并已取消"}


def test_a_merge_that_could_not_be_done_is_told_too(gone: Member, kept: Member) -> None:
    ask(gone, kept)
    told()
    Member.objects.filter(pk=kept.pk).update(status="frozen")
    merge_requests.perform_next(at=AT + timedelta(days=1))
    assert MergeRequest.objects.get().status == "failed"
    assert {(pk, title) for pk, title, _ in told(AT + timedelta(days=1))[2:]} == {
        (gone.pk, "会员合并已取消"),
        (kept.pk, "会员合并已取消"),
    }
