"""Paid time of members: bought, renewed, upgraded, tried, given back. The member's row is the lock of all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from config.outbox import publishing as outbox
from members.events import SubscriptionRefunded, SubscriptionStarted
from members.models import Member, Plan, Subscription
from members.rules import plans as rules
from members.rules.periods import last_day
from members.rules.plans import Fee, Length, RefundTerms, Stretch
from members.selectors.merging import current_member_id
from members.selectors.plans import BoughtTime, has_had_trial, keeps_plan, paid_time, saved_in
from members.services import plan_gifts
from members.services.locks import lock_members
from members.services.messages import send

_Source, _State = Subscription.Source, Subscription.State


class AlreadyForLife(DomainError):
    """Nothing follows a membership for life."""

    code = "already_for_life"
    message = "您已是终身会员，无需再购买"


class NotActive(DomainError):
    """A frozen or closed member begins no paid time."""

    code = "member_not_active"
    message = "账号当前不可开通会员，请联系客服"
    http_status = 403


class TrialUsed(DomainError):
    """One trial per person."""

    code = "trial_used"
    message = "每人只能试用一次，您已试用过"


class NoTrial(DomainError):
    """The plan has no trial, or the member has paid time already."""

    code = "no_trial"
    message = "该套餐当前不能试用"


class NoUpgrade(DomainError):
    """There is nothing to upgrade from, or what is left is worth as much as the plan."""

    code = "no_upgrade"
    message = "当前没有可升级的会员时间，请直接购买或续费"


class FeeNotRefundable(DomainError):
    """By the rule that was agreed on, nothing of the fee comes back any more."""

    code = "fee_not_refundable"
    message = "该会费已不可退：{reason}"


class SubscriptionKeyReused(DomainError):
    """The key of paid time that stands came with another meaning."""

    code = "subscription_key_reused"
    message = "该开通标识已用于另一笔开通"


@dataclass(frozen=True, kw_only=True)
class Added:
    """The stretch of paid time that stands now; no end: for life."""

    subscription_id: int
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PurchaseQuote:
    """What a plan costs this member now; an upgrade counts what is left of their paid time."""

    plan_id: int
    price_cents: int
    credit_cents: int

    @property
    def payable_cents(self) -> int:
        return self.price_cents - self.credit_cents


@dataclass(frozen=True, kw_only=True)
class FeeRefund:
    """What giving a stretch of paid time back would do."""

    subscription_id: int
    paid_cents: int
    saved_cents: int
    refund_cents: int
    rule_words: str
    until: datetime | None


@transaction_required
def purchase_quote(*, member_id: int, plan_id: int, is_upgrade: bool, at: datetime) -> PurchaseQuote:
    """What the member would pay for the plan now. Raises NotFound, AlreadyForLife, NoUpgrade."""
    plan = Plan.objects.filter(pk=plan_id, is_active=True).first()
    if plan is None:
        raise NotFound()
    left = paid_time(member_id=member_id, at=at)
    _require_end(left)
    if not is_upgrade:
        return PurchaseQuote(plan_id=plan.pk, price_cents=plan.price_cents, credit_cents=0)
    credit = rules.upgrade_credit(stretches=left, at=at)
    if not 0 < credit < plan.price_cents:
        raise NoUpgrade()
    return PurchaseQuote(plan_id=plan.pk, price_cents=plan.price_cents, credit_cents=credit)


@transaction_required
def activate(
    *,
    member_id: int,
    plan_id: int,
    order_ref: str,
    paid_cents: int,
    key: str,
    at: datetime,
    terms: RefundTerms | None = None,
    is_upgrade: bool = False,
) -> Added:
    """Add the plan's time that an order paid: behind what is left, or, as an upgrade, from now on in its place.

    `terms` are those the member saw (None: the plan's). The same key returns what it added. Raises
    SubscriptionKeyReused, AlreadyForLife, NotFound.
    """
    lock_members([member_id])
    if done := _done_before(key=key, member_id=member_id, plan_id=plan_id):
        return done
    plan = _plan(plan_id)
    terms = terms or RefundTerms(plan.refund_rule, plan.refund_days)
    replaced = paid_time(member_id=member_id, at=at) if is_upgrade else []
    _require_end(replaced)
    added = _add(
        plan,
        member_id=member_id,
        length=rules.length_of(plan.kind),
        worth_cents=max(plan.price_cents, paid_cents) if is_upgrade else paid_cents,
        replaced=replaced,
        at=at,
        source=_Source.ORDER,
        key=key,
        order_ref=order_ref,
        paid_cents=paid_cents,
        refund_rule=terms.rule,
        refund_days=terms.days,
    )
    return _as_added(added)


@transaction_required
def give(*, member_id: int, plan_id: int, key: str, at: datetime) -> Added:
    """Add the plan's time that a gift card brings. The giver paid: an upgrade counts it, a refund doesn't."""
    lock_members([member_id])
    if done := _done_before(key=key, member_id=member_id, plan_id=plan_id):
        return done
    plan = _plan(plan_id)
    length, worth = rules.length_of(plan.kind), plan.price_cents
    added = _add(plan, member_id=member_id, length=length, worth_cents=worth, at=at, source=_Source.GIFT_CARD, key=key)
    return _as_added(added)


@transaction_required
def start_trial(*, member_id: int, plan_id: int, at: datetime) -> Added:
    """Let the member try the plan, once in their life, also by another account, and only without paid time.

    Raises NotActive, TrialUsed, NoTrial.
    """
    require_active(lock_members([member_id])[member_id])
    plan = Plan.objects.filter(pk=plan_id, is_active=True, trial_days__gt=0).first()
    if has_had_trial(member_id=member_id):
        raise TrialUsed()
    if plan is None or paid_time(member_id=member_id, at=at):
        raise NoTrial()
    length, key = Length(days=plan.trial_days), f"trial:{member_id}"
    return _as_added(
        _add(plan, member_id=member_id, length=length, worth_cents=0, at=at, source=_Source.TRIAL, key=key)
    )


@transaction_required
def refund_quote(*, order_ref: str, at: datetime, under_way_cents: int = 0) -> FeeRefund:
    """What giving back the time that this order bought would bring now; `under_way_cents` was saved on orders that are
    paid and not completed. Raises FeeNotRefundable, NotFound."""
    row = Subscription.objects.select_related("plan").filter(order_ref=order_ref).first()
    if row is None:
        raise NotFound()
    if row.state != _State.LIVE:
        raise FeeNotRefundable(reason=f"这段会员时间{row.get_state_display()}")
    terms = RefundTerms(row.refund_rule, row.refund_days)
    time = BoughtTime(row.plan_id, row.starts_at, row.ends_at)
    saved = saved_in(member_id=row.member_id, time=time) + under_way_cents
    fee = Fee(
        paid_cents=row.paid_cents,
        bought_at=row.bought_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        saved_cents=saved,
    )
    until = rules.refundable_until(bought_at=row.bought_at, terms=terms)
    if until is None or at >= until:
        raise FeeNotRefundable(reason=rules.refund_words(terms))
    return FeeRefund(
        subscription_id=row.pk,
        paid_cents=row.paid_cents,
        saved_cents=saved,
        refund_cents=rules.fee_refund(fee=fee, terms=terms, at=at),
        rule_words=rules.refund_words(terms),
        until=until,
    )


@transaction_required
def cancel_with_refund(*, order_ref: str, at: datetime, under_way_cents: int = 0) -> FeeRefund:
    """End the time that this order bought and say how much of the fee goes back; what follows it moves up, and what it
    had replaced as an upgrade runs on. Raises FeeNotRefundable, also for who asks twice, and NotFound."""
    member_id = Subscription.objects.filter(order_ref=order_ref).values_list("member_id", flat=True).first()
    if member_id is None:
        raise NotFound()
    lock_members([member_id])
    quote = refund_quote(order_ref=order_ref, at=at, under_way_cents=under_way_cents)
    row = Subscription.objects.select_related("plan").get(pk=quote.subscription_id)
    row.state, row.closed_at, row.refunded_cents = _State.REFUNDED, at, quote.refund_cents
    row.save(update_fields=["state", "closed_at", "refunded_cents"])
    row.upgraded_from.filter(state=_State.UPGRADED).update(state=_State.LIVE, closed_at=None, upgraded_to=None)
    _close_gaps(member_id=member_id, at=at)
    outbox.publish(
        SubscriptionRefunded(
            member_id=member_id,
            subscription_id=row.pk,
            plan_code=row.plan.code,
            refunded_cents=quote.refund_cents,
            at=at,
            paid_cents=row.paid_cents,
            refund_rule=row.refund_rule,
            keeps_plan=keeps_plan(
                member_id=current_member_id(member_id=member_id), plan_id=row.plan_id, without=row.pk
            ),
        )
    )
    return quote


@transaction_required
def repoint(*, source_id: int, target_id: int, at: datetime) -> int:
    """A merge: what is left of the duplicate's paid time follows the target's; how many stretches.

    What is over stays where it was, and so do a second trial and whatever a membership for life makes pointless.
    """
    lock_members(sorted([source_id, target_id]))
    theirs, own = (paid_time(member_id=member_id, at=at) for member_id in (source_id, target_id))
    for_life = next((one.id for one in theirs if one.ends_at is None), None)
    if not theirs or any(one.ends_at is None for one in own):
        return 0
    moving = Subscription.objects.filter(pk__in=[one.id for one in theirs])
    if Subscription.objects.filter(member=target_id, source=_Source.TRIAL).exists():
        moving = moving.exclude(source=_Source.TRIAL)
    moved: int = moving.update(member=target_id)
    if for_life is not None:
        replaced = Subscription.objects.filter(pk__in=[one.id for one in own])
        replaced.update(state=_State.UPGRADED, closed_at=at, upgraded_to=for_life)
    _close_gaps(member_id=target_id, at=at)
    return moved


def require_active(member: Member) -> None:
    """Raise NotActive unless the locked member is."""
    if member.status != Member.Status.ACTIVE:
        raise NotActive()


def _plan(plan_id: int) -> Plan:
    plan = Plan.objects.filter(pk=plan_id).first()
    if plan is None:
        raise NotFound()
    return plan


def _require_end(stretches: Sequence[Stretch]) -> None:
    if any(one.ends_at is None for one in stretches):
        raise AlreadyForLife()


def _done_before(*, key: str, member_id: int, plan_id: int) -> Added | None:
    row = Subscription.objects.filter(key=key).first()
    if row is None:
        return None
    if (row.member_id, row.plan_id) != (member_id, plan_id):
        raise SubscriptionKeyReused()
    return _as_added(row)


def _add(
    plan: Plan,
    *,
    member_id: int,
    length: Length,
    worth_cents: int,
    at: datetime,
    replaced: Sequence[Stretch] = (),
    **columns: Any,
) -> Subscription:
    """Insert a stretch behind the last, or in place of those replaced; told and given for. The member is locked."""
    behind = [] if replaced else paid_time(member_id=member_id, at=at)
    _require_end(behind)
    place = rules.following(id=0, last=behind[-1] if behind else None, length=length, worth_cents=worth_cents, at=at)
    row = Subscription(
        member_id=member_id,
        plan=plan,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        months=length.months,
        days=length.days,
        anchor_day=place.anchor_day,
        worth_cents=worth_cents,
        bought_at=at,
        **columns,
    )
    row.save(force_insert=True)
    ids = [one.id for one in replaced]
    Subscription.objects.filter(pk__in=ids).update(state=_State.UPGRADED, closed_at=at, upgraded_to=row)
    _tell(row, plan, at)
    return row


def _tell(row: Subscription, plan: Plan, at: datetime) -> None:
    outbox.publish(
        SubscriptionStarted(
            member_id=row.member_id,
            subscription_id=row.pk,
            plan_code=plan.code,
            source=row.source,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            at=at,
        )
    )
    plan_gifts.promise_welcome(member_id=row.member_id, plan_id=plan.pk, source=row.source, at=at)
    date = "长期" if row.ends_at is None else f"{last_day(ends_at=row.ends_at):%Y-%m-%d}"
    context = {"plan": plan.name, "date": date}
    send(member_id=row.member_id, template="membership_started", context=context, key=f"plan:{row.pk}", at=at)


def _close_gaps(*, member_id: int, at: datetime) -> None:
    """Let each stretch that is still to come follow the one before. The member is locked."""
    before = paid_time(member_id=member_id, at=at)
    for old, new in zip(before, rules.lay(before, at=at), strict=True):
        if (old.starts_at, old.ends_at) != (new.starts_at, new.ends_at):
            Subscription.objects.filter(pk=new.id).update(
                starts_at=new.starts_at,
                ends_at=new.ends_at,
                months=new.length.months,
                days=new.length.days,
                anchor_day=new.anchor_day,
            )


def _as_added(row: Subscription) -> Added:
    return Added(subscription_id=row.pk, starts_at=row.starts_at, ends_at=row.ends_at)
