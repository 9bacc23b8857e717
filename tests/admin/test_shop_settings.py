"""Settings that merchants change: bounded, logged, in force at once, and free on the pages of members."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from constance.models import Constance
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from redis.exceptions import ConnectionError as NoRedis

from config.core import policies, shop, stored_settings
from tests.admin.conftest import ClientWith
from tests.mall.builders import a_sku


@pytest.fixture(autouse=True)
def stored(settings: Any) -> Iterator[None]:
    """Saved settings count, and nothing of this test is left to the next."""
    settings.STORED_SETTINGS = True
    stored_settings.forget()
    yield
    stored_settings.forget()


@pytest.fixture
def page() -> str:
    return reverse("admin:constance_config_changelist")


def posted(owner: Client, page: str, **change: Any) -> Any:
    """The form as the page shows it, with these fields changed."""
    form = owner.get(page).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in {**data, **change}.items() if value is not False}
    return owner.post(page, data)


def test_a_change_counts_at_once_and_the_rest_stays(
    owner: Client, page: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = posted(owner, page, freight_cents="6.50", birthday_may_change=False, points_rounding="half_up")
    assert response.status_code == 302
    default = policies.Policies()
    now = policies.current()
    assert (now.freight_cents, now.birthday_may_change, now.points_rounding) == (650, False, "half_up")
    assert {name for name in policies.names() if getattr(now, name) != getattr(default, name)} == {
        "freight_cents",
        "birthday_may_change",
        "points_rounding",
    }
    assert set(Constance.objects.values_list("key", flat=True)) == {
        "freight_cents",
        "birthday_may_change",
        "points_rounding",
    }


def test_each_change_is_in_the_history_with_who_and_what(
    owner: Client, page: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        posted(owner, page, freight_cents="6.50", clawback_past_zero="forgive")
    entries = LogEntry.objects.filter(object_id="settings").order_by("pk")
    assert [(entry.user.username, entry.change_message) for entry in entries] == [
        ("owner", "退款扣回积分不足时：记为欠分，以后获得的积分先抵扣 → 免除，只作记录"),
        ("owner", "运费（元）：8.00 → 6.50"),
    ]
    history = owner.get(reverse("admin:constance_config_history")).content.decode()
    assert "运费（元）：8.00 → 6.50" in history


def test_going_back_to_the_default_leaves_nothing_stored(
    owner: Client, page: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        posted(owner, page, points_per_yuan="50")
    assert policies.current().cents_per_point == Decimal(2)
    with django_capture_on_commit_callbacks(execute=True):
        posted(owner, page, points_per_yuan="100")
    assert Constance.objects.count() == 0
    assert policies.current() == policies.Policies()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("points_per_yuan", "0"),
        ("points_per_yuan", "-5"),
        ("points_per_yuan", "ten"),
        ("points_per_yuan", ""),
        ("points_per_yuan", "9" * 40),
        ("points_deduction_max_percent", "101"),
        ("freight_cents", "-0.01"),
        ("freight_cents", "1.005"),
        ("freight_cents", "NaN"),
        ("points_deduction_step", "0"),
        ("points_rounding", "sideways"),
        ("growth_window_months", "121"),
        ("brand_color", "red"),
        ("brand_color", "#12345g"),
        ("brand_color", "#ffffff;}body{display:none"),
        ("shop_name", " "),
        ("shop_name", "店" * 21),
        ("version", "of somebody else"),
    ],
)
def test_a_bad_value_is_refused_and_nothing_else_of_the_form_is_saved(
    owner: Client, page: str, name: str, value: str
) -> None:
    response = posted(owner, page, **{"max_addresses": "5", name: value})
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {name}
    assert Constance.objects.count() == 0
    assert LogEntry.objects.filter(object_id="settings").count() == 0


def test_steps_that_would_pay_nothing_are_refused(owner: Client, page: str) -> None:
    response = posted(owner, page, points_per_yuan="10001", points_deduction_step="100")
    assert response.context["form"].errors == {"points_deduction_step": ["按现在的兑换比例，这么多积分还不值 1 分钱"]}
    assert Constance.objects.count() == 0


@pytest.mark.parametrize("name", [n for n in policies.names() if type(policies.default_of(n)) is int])
def test_every_number_has_bounds_around_its_default(name: str) -> None:
    bounds = policies.explained(name)
    assert bounds.least <= policies.default_of(name) <= bounds.most


def test_every_setting_is_on_the_page_once_with_words(owner: Client, page: str) -> None:
    shown = [item for group in owner.get(page).context["fieldsets"] for item in group["config_values"]]
    assert sorted(item["name"] for item in shown) == sorted([*policies.names(), "shop_name", "brand_color"])
    assert [item["name"] for item in shown if not item["title"]] == []


def test_the_page_is_the_owners_alone(page: str, staff_with: ClientWith) -> None:
    clerk = staff_with("constance.change_config", "constance.view_config", "constance.change_constance")
    history = reverse("admin:constance_config_history")
    assert [clerk.get(url).status_code for url in (page, history)] == [403, 403]
    assert clerk.post(page, {"freight_cents": "0"}).status_code == 403
    assert "店铺设置" not in clerk.get("/admin/").content.decode()


# ── the environment ──


@override_settings(POLICIES={"freight_cents": 600, "max_addresses": 3})
def test_what_a_merchant_saved_counts_more_than_the_environment() -> None:
    Constance.objects.create(key="freight_cents", value='{"__type__": "default", "__value__": 0}')
    now = policies.current()
    assert (now.freight_cents, now.max_addresses, now.points_per_yuan) == (0, 3, 100)


def test_a_saved_value_of_a_policy_that_is_gone_is_left_alone() -> None:
    Constance.objects.create(key="points_per_dollar", value='{"__type__": "default", "__value__": 7}')
    assert policies.current() == policies.Policies()


# ── name and colour ──


def test_name_and_colour_reach_the_pages_and_the_stylesheet(
    owner: Client, page: str, django_capture_on_commit_callbacks: Any
) -> None:
    before = Client().get("/theme.css")
    assert Client().get("/theme.css", headers={"If-None-Match": before["ETag"]}).status_code == 304
    with django_capture_on_commit_callbacks(execute=True):
        assert posted(owner, page, shop_name="山茶小铺", brand_color="#2f6f4f").status_code == 302
    assert shop.shop_name() == "山茶小铺"
    assert "山茶小铺" in Client().get("/").content.decode()
    assert "山茶小铺" in owner.get("/admin/").content.decode()
    after = Client().get("/theme.css", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert "--brand:#2f6f4f" in after.content.decode()
    assert after["ETag"] != before["ETag"]


# ── cost ──


def queries(path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(path).status_code == 200
    return len(captured)


def test_pages_ask_the_database_nothing_for_settings(settings: Any) -> None:
    product = a_sku().product
    paths = ["/", f"/products/{product.pk}/", "/categories/", "/login/"]
    for path in paths:
        Client().get(path)
    with_settings = [queries(path) for path in paths]
    settings.STORED_SETTINGS = False
    assert with_settings == [queries(path) for path in paths]


def test_another_process_finds_the_values_in_the_cache(django_assert_num_queries: Any) -> None:
    Constance.objects.create(key="max_addresses", value='{"__type__": "default", "__value__": 3}')
    with django_assert_num_queries(1):
        assert policies.current().max_addresses == 3
    stored_settings.forget()
    with django_assert_num_queries(0):
        assert policies.current().max_addresses == 3


def test_without_a_cache_the_database_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    Constance.objects.create(key="max_addresses", value='{"__type__": "default", "__value__": 3}')

    def no_redis(*args: Any, **kwargs: Any) -> None:
        raise NoRedis

    monkeypatch.setattr(type(cache._connections[cache._alias]), "get", no_redis)
    assert policies.current().max_addresses == 3
