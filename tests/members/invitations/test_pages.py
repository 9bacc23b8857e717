"""Inviting in the browser: the page, the poster, the landing page, shared links, and what the browser remembers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.services.presets import install_presets
from members.models import Attribution, ChannelVisit, DevMessage, Invitation, Member, MemberTrace, ShareVisit
from tests.members.factories import a_member
from tests.members.invitations.scenes import a_channel, a_newcomer, code_of, completed, paid, somebody

pytestmark = pytest.mark.django_db
INVITE = reverse("members:invite")
_MOST_QUERIES = 10


@pytest.fixture
def inviter() -> Member:
    return a_member(nickname="周一诺")


@pytest.fixture
def own(client: Client, inviter: Member) -> Client:
    client.force_login(inviter.user)
    return client


def log_in(client: Client, phone: str, settings: Any, capture: Any) -> None:
    """As a person does it: ask for a code, read it, type it in."""
    with capture(execute=True):
        client.post(reverse("members:login-code"), {"phone": phone})
    code = re.search(r"\d{6}", DevMessage.objects.latest("pk").text)
    assert code is not None
    answer = client.post(reverse("members:login"), {"phone": phone, "code": code[0]})
    assert answer.status_code == 302


def landing(member: Member) -> str:
    return reverse("members:invited", args=[code_of(member)])


def test_a_visitor_logs_in_before_inviting(client: Client) -> None:
    for name in ("members:invite", "members:invite-poster"):
        assert client.get(reverse(name)).status_code == 302
    assert client.post(reverse("members:share"), {"path": "/"}).status_code == 302


def test_the_page_shows_code_link_and_every_friends_step(own: Client, inviter: Member) -> None:
    now = timezone.now() - timedelta(days=1)
    Member.objects.filter(pk=a_newcomer(inviter, at=now).invitee_id).update(nickname="王小杉")
    completed(paid(a_newcomer(inviter, at=now), at=now), at=now)
    a_newcomer(inviter, at=now, device="one")
    a_newcomer(inviter, at=now, device="one")
    page = own.get(INVITE).content.decode()
    assert code_of(inviter) in page
    assert f"http://testserver{landing(inviter)}" in page
    assert "王**" in page
    assert "王小杉" not in page
    for words in ("等待好友的第一笔订单", "首单未退款的话", "不计奖励：这台设备上已有其他会员", "已邀请 4 位好友"):
        assert words in page


def test_the_page_costs_the_same_for_few_and_for_many_friends(own: Client, inviter: Member) -> None:
    costs = []
    for _ in range(2):
        for _ in range(5):
            a_newcomer(inviter, at=timezone.now())
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert own.get(INVITE).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= _MOST_QUERIES


def test_further_friends_come_by_htmx(own: Client, inviter: Member) -> None:
    for _ in range(22):
        a_newcomer(inviter, at=timezone.now() - timedelta(days=40 + _))
    first = own.get(INVITE).content.decode()
    further = re.search(r'hx-get="([^"]+)"', first)
    assert further is not None
    part = own.get(further[1], headers={"HX-Request": "true"}).content.decode()
    assert part.count('class="task"') == 2
    assert "<html" not in part
    assert own.get(f"{INVITE}?before=x").status_code == 404


def test_the_page_says_what_the_merchant_gives(own: Client) -> None:
    assert "邀请有礼" not in own.get(INVITE).content.decode()
    install_presets(at=timezone.now(), live_from=timezone.now(), codes=["invite-first-order"])
    assert "好友首单满 29 元，得 200 积分" in own.get(INVITE).content.decode()


def test_the_poster_is_a_picture_of_its_own_with_escaped_names(own: Client, inviter: Member) -> None:
    Member.objects.filter(pk=inviter.pk).update(nickname="<b>&周")
    answer = own.get(reverse("members:invite-poster"))
    drawn = answer.content.decode()
    assert answer["Content-Type"] == "image/svg+xml"
    assert "&lt;b&gt;&amp;周 邀请你加入" in drawn
    assert code_of(inviter) in drawn
    assert "data:image/webp;base64," in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_a_landing_page_tells_who_invites_and_leads_to_a_registration_that_counts(
    client: Client, inviter: Member, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    install_presets(at=timezone.now(), live_from=timezone.now(), codes=["newcomer"])
    page = client.get(landing(inviter)).content.decode()
    assert "周一诺 邀请你加入" in page
    assert "注册即得 50 积分" in page
    log_in(client, "13700001111", settings, django_capture_on_commit_callbacks)
    invitation = Invitation.objects.get()
    assert (invitation.inviter, invitation.state) == (inviter, "registered")
    assert MemberTrace.objects.filter(member=invitation.invitee, kind="device").count() == 1


def test_the_first_link_wins_over_a_later_one(
    client: Client, inviter: Member, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client.get(landing(inviter))
    client.get(landing(somebody()))
    log_in(client, "13700001112", settings, django_capture_on_commit_callbacks)
    assert Invitation.objects.get().inviter == inviter


def test_who_logs_in_and_invites_themself_from_the_same_browser_is_found_out(
    client: Client, inviter: Member, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    log_in(client, "13800000001", settings, django_capture_on_commit_callbacks)
    client.post(reverse("members:logout"))
    client.get(landing(inviter))
    log_in(client, "13700001113", settings, django_capture_on_commit_callbacks)
    assert Invitation.objects.get().refusal == "self"


def test_a_forged_cookie_is_a_new_browser(
    client: Client, inviter: Member, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    forged = signing.dumps({"i": code_of(inviter), "c": "", "t": 1, "d": "x"}, salt="other")
    client.cookies["touch"] = forged
    log_in(client, "13700001114", settings, django_capture_on_commit_callbacks)
    assert Invitation.objects.count() == 0


def test_a_channel_works_on_every_page_and_is_counted_once_a_day(
    client: Client, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    channel = a_channel()
    for _ in range(2):
        assert client.get("/?c=lin").status_code == 200
    assert client.get("/?c=nobody").status_code == 200
    assert ChannelVisit.objects.count() == 1
    log_in(client, "13700001115", settings, django_capture_on_commit_callbacks)
    assert Attribution.objects.get().channel == channel


def test_a_page_without_a_channel_sets_no_cookie(client: Client) -> None:
    assert "touch" not in client.get("/").cookies


def test_an_invitation_that_carries_a_channel_counts_for_both(
    client: Client, inviter: Member, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    channel = a_channel()
    client.get(f"{landing(inviter)}?c=lin")
    log_in(client, "13700001116", settings, django_capture_on_commit_callbacks)
    assert (Invitation.objects.get().channel, Attribution.objects.get().channel) == (channel, channel)


@pytest.mark.parametrize("code", ["ZZZZZZZ", "x", "0000000", "周"])
def test_an_unknown_code_is_not_found(client: Client, code: str) -> None:
    assert client.get(reverse("members:invited", args=[code])).status_code == 404
    assert client.get(reverse("members:shared", args=[code])).status_code == 404


def test_a_frozen_members_invitation_is_not_found(client: Client, inviter: Member) -> None:
    address = landing(inviter)
    Member.objects.filter(pk=inviter.pk).update(status="frozen")
    assert client.get(address).status_code == 404


def test_a_member_who_opens_an_invitation_is_told_that_it_is_for_newcomers(own: Client) -> None:
    assert "你已经是会员了" in own.get(landing(somebody())).content.decode()


def test_a_shared_link_leads_to_its_page_and_makes_the_friend_an_invitee(
    own: Client, inviter: Member, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    page = own.post(reverse("members:share"), {"path": "/categories/"}).content.decode()
    link = re.search(r'value="http://testserver(/s/[^"]+)"', page)
    assert link is not None
    friend = Client()
    for _ in range(2):
        answer = friend.get(link[1])
        assert (answer.status_code, answer["Location"]) == (302, "/categories/")
    assert [visit.refusal for visit in ShareVisit.objects.all()] == [""]
    assert own.get(link[1]).status_code == 302
    assert sorted(visit.refusal for visit in ShareVisit.objects.all()) == ["", "own"]
    log_in(friend, "13700001117", settings, django_capture_on_commit_callbacks)
    assert Invitation.objects.get().inviter == inviter


def test_a_page_elsewhere_is_not_shared(own: Client) -> None:
    answer = own.post(reverse("members:share"), {"path": "//evil.example"}, follow=True)
    assert "只能分享本商城的页面" in answer.content.decode()
    assert own.get(reverse("members:share")).status_code == 405
