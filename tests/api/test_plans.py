"""A plan is bought by the refund rule that the app showed, when it says which."""

from typing import Any

import pytest

from config.core.keeping import forget_all
from mall.models import Order, PlanOrder
from members.models import Plan
from tests.api.conftest import Api
from tests.members.plans.factories import a_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    forget_all()
    return a_plan(refund_rule="full", refund_days=7)


def order(api: Api, plan: Plan, *, key: str = "k", **body: Any) -> Any:
    body = {"expected_payable_cents": 9900, **body}
    return api.post(f"plans/{plan.pk}/orders/", body, headers={"Idempotency-Key": key})


def shown_terms(api: Api) -> str:
    (item,) = api.get("plans/").json()["items"]
    return str(item["refund_terms"])


def test_the_rule_that_was_shown_is_the_one_that_binds(api: Api, plan: Plan) -> None:
    assert order(api, plan, refund_terms=shown_terms(api)).status_code == 201
    assert PlanOrder.objects.values_list("refund_rule", "refund_days").get() == ("full", 7)


def test_another_rule_than_the_one_shown_is_refused_until_it_is_shown(api: Api, plan: Plan) -> None:
    terms = shown_terms(api)
    Plan.objects.update(refund_rule="pro_rata")
    answer = order(api, plan, refund_terms=terms)
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_terms_changed")
    assert "按剩余天数" in answer.json()["message"]
    assert not Order.objects.exists()
    assert order(api, plan, key="again", refund_terms=shown_terms(api)).status_code == 201


def test_who_sends_no_terms_buys_by_those_of_the_day(api: Api, plan: Plan) -> None:
    assert order(api, plan).status_code == 201


@pytest.mark.parametrize("terms", [None, 7, True, {"rule": "full"}, ["full:7"], "x" * 41, "full\x007", "", " "])
def test_terms_that_are_no_text(api: Api, plan: Plan, terms: object) -> None:
    answer = order(api, plan, refund_terms=terms)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["refund_terms"])
    assert not Order.objects.exists()


@pytest.mark.parametrize("terms", ["full", "full:８", "full:7:7", ":", "不退"])
def test_terms_that_nobody_showed(api: Api, plan: Plan, terms: str) -> None:
    answer = order(api, plan, refund_terms=terms)
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_terms_changed")
    assert not Order.objects.exists()
