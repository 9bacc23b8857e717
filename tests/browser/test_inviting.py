"""Inviting on a phone: the link is copied, the poster becomes a picture that can be saved, a friend comes by it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from campaigns.models import Campaign
from campaigns.services.editing import publish
from config.outbox.services import deliveries
from members.models import Invitation, InviteCode, Member
from members.rules.invitations import Touch
from members.services import invitations
from members.services.registration import register_by_phone
from tests.browser.scenes import a_shopper, log_in


def friends_of(member: Member) -> None:
    """One friend at each step."""
    at = timezone.now() - timedelta(days=2)
    with transaction.atomic():
        for campaign in Campaign.objects.filter(code__startswith="invite-"):
            publish(campaign_id=campaign.pk, at=at)
        code = invitations.code_of(member_id=member.pk, at=at)
        touch = Touch(invite_code=code, touched_at=at)
        for number, name in enumerate("王李赵钱孙"):
            phone = f"1370000000{number}"
            register_by_phone(phone=phone, channel="h5", at=at, nickname=f"{name}小杉", touch=touch)
        for number, invitation in enumerate(Invitation.objects.order_by("pk")[1:]):
            order_id = 100 + number
            invitations.first_order_paid(member_id=invitation.invitee_id, order_id=order_id, cents=19900, at=at)
            if number:
                invitations.first_order_completed(order_id=order_id, at=at)
            if number == 1:
                Invitation.objects.filter(pk=invitation.pk).update(reward_due_at=at)
        invitations.reward_due(at=timezone.now())
        invitations.order_refunded(order_id=103, refund_id=1, cents=19900, whole_order=True, at=timezone.now())
    deliveries.deliver_all(at=timezone.now())


@pytest.fixture
def inviter(phone: Page, live_server: Any) -> Member:
    member = a_shopper()
    log_in(phone.context, member, live_server.url)
    friends_of(member)
    return member


def test_the_page_shows_what_was_earned_and_copies_the_link(phone: Page, inviter: Member) -> None:
    phone.goto(reverse("members:invite"))
    assert phone.locator(".bal .big").inner_text() == "400"
    assert "其中 150 待生效" in phone.locator(".bal").inner_text()
    assert phone.locator(".tag").all_inner_texts() == ["首单已退款", "首单已完成", "已奖励", "首单已付款", "已注册"]
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.get_by_role("button", name="复制").click()
    phone.locator(".toast", has_text="已复制").wait_for()
    code = InviteCode.objects.get(member=inviter).code
    assert phone.evaluate("navigator.clipboard.readText()").endswith(f"/i/{code}/")


def test_the_poster_becomes_a_picture_that_can_be_saved(phone: Page, inviter: Member) -> None:
    phone.goto(reverse("members:invite"))
    phone.get_by_role("link", name="邀请海报").click()
    picture = phone.get_by_role("dialog", name="邀请海报").locator("img")
    picture.scroll_into_view_if_needed()
    phone.wait_for_function("document.querySelector('save-poster img').src.startsWith('data:image/png')")
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [750, 1120]


def test_a_friend_opens_the_link_and_registers(phone: Page, live_server: Any) -> None:
    member = a_shopper()
    with transaction.atomic():
        code = invitations.code_of(member_id=member.pk, at=timezone.now())
    phone.goto(reverse("members:invited", args=[code]))
    assert phone.get_by_role("heading", level=1).inner_text() == "周一诺 邀请你加入"
    phone.get_by_role("link", name="接受邀请").click()
    phone.wait_for_url("**/login/")
