"""The demo shop, loaded once by its command: every list of the back office and every room of a member has its say."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from config.demo import emptying
from config.demo.people import DEMO_MEMBER, SHOPPERS, TWINS
from mall.models import Category, Order, Product, Sku
from mall.selectors.admission import access_of
from mall.selectors.skus import sku_facts
from mall.selectors.viewers import buyer
from members.models import (
    Invitation,
    Member,
    Message,
    PrivacyNotice,
    StaffRole,
    Subscription,
    Tier,
    TierPeriod,
    User,
)
from members.selectors.plans import savings
from members.services.sign_in import log_in_of
from points import ledger
from points.models import Entry
from tests import standing

# lists that are empty in a shop where nothing has gone wrong, or that only clicks and phones fill
EMPTY = {
    "axes.AccessAttempt",
    "back_office.StaffDeed",
    "back_office.TwoStepDevice",
    "members.SubscribeQuota",
    "points.LapseReminder",
}
NO_ROWS = {"constance.Config"}
pytestmark = pytest.mark.django_db  # also what makes the test database: without it this would load into the real one


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The shop as the command leaves it."""
    media: Path = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), override_settings(DEBUG=True, MEDIA_ROOT=media):
        assert connection.settings_dict["NAME"].startswith("test_")
        PrivacyNotice.objects.get_or_create(version=1, defaults={"title": "隐私政策", "text": "# 收集什么\n手机号。"})
        call_command("demo")
        yield
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA demo_untouched CASCADE")
        standing.restore()


@pytest.fixture
def shop(demo: None, db: None) -> None:
    """The tests of this file look at what was loaded; what they write is taken back."""


@pytest.fixture
def at() -> datetime:
    return timezone.now()


@pytest.fixture
def member(shop: None) -> Member:
    """Who logs in to the demo."""
    return Member.objects.get(nickname=DEMO_MEMBER.nickname)


def test_the_shop_is_as_large_as_promised(shop: None, at: datetime) -> None:
    on_sale = Product.objects.filter(is_on_sale=True, is_virtual=False)
    assert on_sale.count() >= 40
    assert Category.objects.filter(products__in=on_sale).distinct().count() == 8
    assert Member.objects.count() == len(SHOPPERS) + len(TWINS) == 32
    first = Order.objects.earliest("created_at").created_at
    assert timedelta(days=150) < at - first < timedelta(days=181)
    assert set(Order.objects.values_list("channel", flat=True)) == {"pos", "h5"}
    assert set(Member.objects.values_list("tier__code", flat=True)) == set(Tier.objects.values_list("code", flat=True))


def test_every_list_of_the_back_office_has_rows(shop: None) -> None:
    empty = {
        model._meta.label
        for model in admin.site._registry
        if model._meta.label not in NO_ROWS and not model._default_manager.exists()
    }
    assert empty <= EMPTY


def test_the_demo_member_has_something_in_every_room(member: Member, at: datetime) -> None:
    assert Subscription.objects.filter(member=member, state="live", ends_at__gt=at).count() == 1
    assert savings(member_id=member.pk).rows
    states = set(Invitation.objects.filter(inviter=member).values_list("state", flat=True))
    assert len(states) > 1
    messages = Message.objects.filter(member=member)
    assert messages.filter(read_at=None).exists()
    assert messages.exclude(read_at=None).exists()


@pytest.mark.parametrize(
    "name",
    [
        *("mall:home", "mall:member-centre", "mall:orders", "mall:points-mall", "campaigns:check-in"),
        *("members:benefits", "members:membership", "members:plans", "members:invite", "members:messages"),
        *("members:statement", "members:addresses", "members:profile", "members:privacy", "members:privacy-notice"),
    ],
)
def test_the_demo_member_opens_the_pages(name: str, member: Member) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=log_in_of(member_id=member.pk)))
    assert client.get(reverse(name)).status_code == 200


def test_something_is_kept_for_members_sold_to_them_first_and_for_less(member: Member, at: datetime) -> None:
    facts = {sku.product_name: sku for sku in sku_facts(sku_ids=Sku.objects.values_list("pk", flat=True)).values()}
    who = buyer(member_id=member.pk, at=at)
    said = {
        name: access_of(sku=facts[name], who=who, at=at) for name, sku in facts.items() if not sku.admission.is_free
    }
    assert {name: (one.for_whom, one.is_early) for name, one in said.items()} == {
        "黄金会员鲜果篮": ("黄金会员及以上", False),
        "年卡会员生日蛋糕": ("云杉年卡会员", False),
        "云杉联名手提包": ("", True),
    }
    stranger = access_of(sku=facts["云杉联名手提包"], who=buyer(member_id=None), at=at)
    assert (stranger.is_open, stranger.opens_at is not None) == (False, True)
    assert (who.has_member_price, who.member_price_by) == (True, "云杉季卡")
    lamp = facts["护眼台灯"]
    assert (lamp.price_cents, lamp.member_price_cents) == (19900, 17900)
    assert Order.objects.filter(is_priority=True).exists()


def test_a_statement_reads_in_the_order_of_time(shop: None) -> None:
    before: dict[int, datetime] = {}
    for entry in Entry.objects.order_by("pk"):
        assert before.get(entry.account_id, entry.occurred_at) <= entry.occurred_at, entry.source
        before[entry.account_id] = entry.occurred_at


def test_the_notice_in_force_is_whole(shop: None) -> None:
    notice = PrivacyNotice.objects.exclude(published_at=None).get()
    assert "请商家" not in notice.text
    assert "（虚构，仅用于演示）" in notice.text


def test_an_order_waits_that_is_to_be_shipped_first(shop: None) -> None:
    assert {True, False} == set(Order.objects.filter(status="paid").values_list("is_priority", flat=True))


def test_tier_periods_end_soon_and_were_warned_of(shop: None, at: datetime) -> None:
    soon = TierPeriod.objects.filter(decided_at=None, ends_at__lt=at + timedelta(days=30))
    assert [one.warned_days for one in soon.order_by("ends_at")] == [7, 30]


def test_there_is_a_colleague_of_each_role(shop: None) -> None:
    for role in StaffRole.objects.exclude(code="owner"):
        assert role.group.user_set.count() == 1


def test_the_books_hold(shop: None) -> None:
    assert ledger.audit() == []


def test_a_reset_leaves_the_rows_of_the_migrations_and_the_shop_opens_again(shop: None) -> None:
    emptying.empty()
    assert [Member.objects.count(), Product.objects.count(), Order.objects.count(), User.objects.count()] == [
        0,
        0,
        0,
        0,
    ]
    assert Tier.objects.count() == 4
    bronze = Tier.objects.order_by("rank")[0]
    added = Tier.objects.create(code="new", name="新等级", rank=9, threshold=99_999)
    assert added.pk > bronze.pk
    assert ledger.audit() == []
