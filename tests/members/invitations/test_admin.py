"""Invitations and channels in the back office: reasons to see, a report to the cent, and nobody without the right."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Channel, ChannelCost, ChannelVisit, User
from members.rules.invitations import Touch
from members.selectors.channels import report
from members.services import channels
from tests.members.factories import AT
from tests.members.invitations.scenes import DAY, a_channel, a_newcomer, completed, paid, somebody

pytestmark = pytest.mark.django_db
REPORT = reverse("admin:members_channel_report")
FILE = reverse("admin:members_channel_report_file")
SPAN = {"first": "2026-11-18", "last": "2026-11-19"}


@pytest.fixture
def owner(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("owner", password="owner-password-1"))
    return client


def staff_with(*names: str) -> Client:
    user = User.objects.create_user("clerk", password="clerk-password-1", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def lin() -> Channel:
    """Two newcomers, one order of ¥100 less ¥30, ¥12.35 spent; and a cost of another month."""
    channel = a_channel()
    first, second = (somebody(touch=Touch(channel_code="lin", touched_at=AT), at=AT) for _ in range(2))
    with transaction.atomic():
        channels.order_paid(member_id=first.pk, order_id=1, cents=10000, at=AT)
        channels.order_paid(member_id=first.pk, order_id=2, cents=500, at=AT + DAY)
        channels.order_paid(member_id=second.pk, order_id=3, cents=900, at=AT + 5 * DAY)
        channels.order_refunded(order_id=1, cents=3000)
    for visitor, day in (("a", 18), ("a", 19), ("b", 18), ("c", 25)):
        ChannelVisit.objects.create(channel=channel, visitor_index=visitor, day=date(2026, 11, day))
    ChannelCost.objects.create(channel=channel, day=date(2026, 11, 18), cost_cents=1235)
    ChannelCost.objects.create(channel=channel, day=date(2026, 10, 18), cost_cents=99999)
    return channel


def test_the_report_counts_what_happened_in_the_chosen_days(lin: Channel) -> None:
    Channel.objects.create(code="idle", name="闲置")
    rows = report(first=date(2026, 11, 18), last=date(2026, 11, 19))
    assert [(row.code, row.visitors, row.registered, row.first_orders, row.orders) for row in rows] == [
        ("lin", 2, 2, 1, 2),
        ("idle", 0, 0, 0, 0),
    ]
    assert [(row.revenue_cents, row.cost_cents, row.cost_per_member_cents) for row in rows] == [
        (7500, 1235, 617),
        (0, 0, None),
    ]


def test_the_report_is_a_page_and_a_file(owner: Client, lin: Channel) -> None:
    page = owner.get(REPORT, SPAN).content.decode()
    assert "¥75.00" in page
    assert "¥6.17" in page
    answer = owner.get(FILE, SPAN)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1] == ["小林的笔记", "lin", "达人", "2", "2", "1", "2", "75.00", "12.35", "6.17"]
    assert rows[2] == ["合计", "", "", "2", "2", "1", "2", "75.00", "12.35", "6.17"]


@pytest.mark.parametrize(
    "span", [{"first": "x"}, {"first": "2026-11-20", "last": "2026-11-01"}, {"last": "9999-12-31"}]
)
def test_days_that_make_no_sense_are_the_last_thirty(owner: Client, lin: Channel, span: dict[str, str]) -> None:
    assert owner.get(REPORT, span).status_code == 200


def test_the_report_costs_the_same_for_many_channels(owner: Client, lin: Channel) -> None:
    costs = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(REPORT, SPAN).status_code == 200
        costs.append(len(queries))
        for extra in range(20):
            Channel.objects.create(code=f"more-{number}-{extra}", name="更多")
    assert costs[0] == costs[1] <= 10


def test_staff_see_reports_and_invitations_with_the_right_alone(lin: Channel) -> None:
    pages = [
        REPORT,
        FILE,
        reverse("admin:members_invitation_changelist"),
        reverse("admin:members_sharelink_changelist"),
    ]
    stranger = staff_with()
    assert [stranger.get(page).status_code for page in pages] == [403] * 4
    User.objects.get(username="clerk").delete()
    marketer = staff_with("view_channel", "view_invitation", "view_sharelink")
    assert [marketer.get(page).status_code for page in pages] == [200] * 4


def test_invitations_are_found_by_their_reason(owner: Client, settings: Any) -> None:
    settings.POLICIES = {"invitations_per_day": 1}
    inviter = somebody()
    counted = completed(paid(a_newcomer(inviter)))
    refused = a_newcomer(inviter)
    page = owner.get(reverse("admin:members_invitation_changelist"), {"refusal__exact": "day_cap"}).content.decode()
    assert str(refused.invitee) in page
    assert str(counted.invitee) not in page
    assert "超过每日人数" in page
    detail = owner.get(reverse("admin:members_invitation_change", args=[counted.pk])).content.decode()
    assert "¥199.00" in detail
    assert reverse("admin:mall_order_change", args=[1]) in detail


def test_a_channel_is_made_with_its_costs_in_yuan_and_kept_in_the_history(owner: Client) -> None:
    form = {
        "name": "杭州店",
        "code": "hangzhou",
        "kind": "store",
        "is_enabled": "on",
        "costs-TOTAL_FORMS": "1",
        "costs-INITIAL_FORMS": "0",
        "costs-0-day": "2026-11-18",
        "costs-0-cost_cents": "12.50",
        "costs-0-note": "海报",
    }
    answer = owner.post(reverse("admin:members_channel_add"), form)
    assert answer.status_code == 302, answer.context["errors"] if answer.context else ""
    channel = Channel.objects.get(code="hangzhou")
    assert channel.costs.get().cost_cents == 1250
    assert channel.history.count() == 1


def test_a_code_that_is_out_in_links_stays_and_its_channel_too(owner: Client, lin: Channel) -> None:
    page = owner.get(reverse("admin:members_channel_change", args=[lin.pk])).content.decode()
    assert 'name="code"' not in page
    assert owner.get(reverse("admin:members_channel_delete", args=[lin.pk])).status_code == 403
