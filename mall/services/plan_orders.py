"""Selling membership plans: an order without address, stock, points or freight, paid like any other."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError, InvalidInput
from config.core.money import yuan
from config.core.random_numbers import public_number
from config.outbox import publishing as outbox
from mall.events import OrderPlaced
from mall.models import Category, Order, OrderLine, PlanGood, PlanOrder, Product, Sku
from mall.rules.keys import is_key
from mall.rules.pricing import Step
from mall.selectors.stores import default_store_id
from mall.selectors.viewers import buyer
from mall.services import orders
from mall.services.checkout import MemberNotActive, PriceChanged
from mall.services.submits import Placed, placed, placed_before, wait_for_the_same_key
from members.models import Plan
from members.rules.plans import RefundTerms, refund_words
from members.services import subscriptions
from members.services.subscriptions import PurchaseQuote

_CATEGORY: Final = "membership-plans"


class PlanTermsChanged(DomainError):
    """The rule by which the fee comes back is not the one that the member agreed to."""

    code = "plan_terms_changed"
    message = "退会费规则有变化：{rule}。请确认后重新提交"


@dataclass(frozen=True, kw_only=True)
class _Wish:
    member_id: int
    plan_id: int
    is_upgrade: bool
    channel: str
    submit_key: str
    at: datetime

    @property
    def digest(self) -> str:
        return sha256(json.dumps(["plan", self.plan_id, self.is_upgrade, self.channel]).encode()).hexdigest()


@transaction_required
def place_plan_order(
    *,
    member_id: int,
    plan_id: int,
    is_upgrade: bool,
    channel: str,
    submit_key: str,
    expected_payable_cents: int,
    at: datetime,
    agreed_terms: str | None = None,
) -> Placed:
    """The order that buys the plan, or upgrades to it for the difference; the same key returns the same order.

    The plan's time is added in the transaction that books the payment. `agreed_terms` is the token of the terms that
    the member read; None: whoever asks shows none. Raises NotFound for a plan that is not on sale, AlreadyForLife,
    NoUpgrade, PriceChanged, PlanTermsChanged, SubmitKeyReused, MemberNotActive.
    """
    if not is_key(submit_key):
        raise InvalidInput(submit_key="提交标识无效，请刷新页面")
    wish = _Wish(
        member_id=member_id, plan_id=plan_id, is_upgrade=is_upgrade, channel=channel, submit_key=submit_key, at=at
    )
    wait_for_the_same_key(wish)
    if before := placed_before(wish):
        return before
    if buyer(member_id=member_id).status != "active":
        raise MemberNotActive()
    quote = subscriptions.purchase_quote(member_id=member_id, plan_id=plan_id, is_upgrade=is_upgrade, at=at)
    if quote.payable_cents != expected_payable_cents:
        raise PriceChanged(amount=yuan(quote.payable_cents), payable_cents=quote.payable_cents, points=0)
    plan = Plan.objects.select_for_update(no_key=True).get(pk=plan_id)  # one SKU, however many buy first
    terms = RefundTerms(plan.refund_rule, plan.refund_days)
    if agreed_terms not in (None, terms.token):
        raise PlanTermsChanged(rule=refund_words(terms))
    order = _insert(wish, plan, quote)
    outbox.publish(OrderPlaced(order_id=order.pk, member_id=member_id, placed_at=at))
    if order.payable_cents == 0:
        orders.mark_paid(order_id=order.pk, at=at)
        order.refresh_from_db(fields=["status"])
    return placed(order)


def _insert(wish: _Wish, plan: Plan, quote: PurchaseQuote) -> Order:
    steps = [Step(label=plan.name, cents=quote.price_cents)]
    if quote.credit_cents:
        steps.append(Step(label="剩余会员时间抵扣", cents=-quote.credit_cents))
    order = Order.objects.create(
        number=public_number(16),
        kind=Order.Kind.PLAN,
        member_id=wish.member_id,
        store_id=default_store_id(),
        channel=wish.channel,
        submit_key=wish.submit_key,
        submit_digest=wish.digest,
        goods_cents=quote.price_cents,
        discount_cents=quote.credit_cents,
        payable_cents=quote.payable_cents,
        quote={"steps": [asdict(step) for step in steps], "promotions": [], "earn_points": 0, "earn_growth": 0},
        created_at=wish.at,
        expires_at=wish.at + timedelta(minutes=policies.current().unpaid_order_minutes),
    )
    OrderLine.objects.create(
        order=order,
        sku=_good_of(plan),
        product_name=plan.name,
        sku_label=plan.get_kind_display() + (" · 升级" if wish.is_upgrade else ""),
        quantity=1,
        unit_price_cents=quote.price_cents,
        goods_cents=quote.price_cents,
        discount_cents=quote.credit_cents,
        paid_cents=quote.payable_cents,
    )
    PlanOrder.objects.create(
        order=order,
        plan=plan,
        is_upgrade=wish.is_upgrade,
        credit_cents=quote.credit_cents,
        refund_rule=plan.refund_rule,
        refund_days=plan.refund_days,
    )
    return order


def _good_of(plan: Plan) -> Sku:
    """The SKU under which the plan is sold, made when somebody buys it first. The plan is locked."""
    good = PlanGood.objects.filter(plan=plan).select_related("sku").first()
    if good is not None:
        return good.sku
    category, _ = Category.objects.get_or_create(
        slug=_CATEGORY, defaults={"name": "会员套餐", "art": "crown", "position": 999, "is_visible": False}
    )
    product = Product.objects.create(category=category, name=plan.name, is_virtual=True)
    sku = Sku.objects.create(
        product=product, code=f"plan-{plan.pk}", label=plan.get_kind_display(), price_cents=plan.price_cents
    )
    PlanGood.objects.create(plan=plan, sku=sku)
    return sku
