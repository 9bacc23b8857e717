"""Values of plans and paid time, for pages and the API alike."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from config.core.money import yuan
from members.h5.links import link_to
from members.rules.benefits import KINDS, Kind, Terms, words
from members.rules.plans import break_even_cents
from members.selectors.plans import Membership, PlanRow

_LENGTHS = {"month": "1 个月", "quarter": "3 个月", "year": "12 个月", "lifetime": "终身有效"}


def plan_values(plan: PlanRow, *, own: Membership | None) -> dict[str, Any]:
    """One plan as it is shown to this member (None: a visitor), with what they may do about it."""
    credit = own.credit_cents if own else 0
    is_own = own is not None and own.plan is not None and own.plan.id == plan.id and own.source != "trial"
    can_buy = own is None or not own.is_for_life
    can_upgrade = can_buy and not is_own and 0 < credit < plan.price_cents
    buy_url = link_to("mall:plan-buy", plan.id)
    return {
        "id": plan.id,
        "name": plan.name,
        "length": _LENGTHS[plan.kind],
        "price_cents": plan.price_cents,
        "list_price_cents": plan.list_price_cents,
        "monthly": f"约 {yuan(plan.price_cents // plan.months)}/月" if plan.months > 1 else "",
        "welcome_words": plan.welcome_words,
        "perks": [perk_values(one) for one in plan.benefits],
        "breaks_even": _breaks_even(plan),
        "refund_words": plan.refund_words,
        "trial_days": plan.trial_days if _may_try(plan, own) else 0,
        "is_own": is_own,
        "buy_name": "续费" if is_own else "开通",
        "buy_url": buy_url if can_buy else "",
        "upgrade_url": f"{buy_url}?upgrade=1" if can_upgrade else "",
        "upgrade_cents": plan.price_cents - credit if can_upgrade else 0,
    }


def perk_values(benefit: Terms) -> dict[str, str]:
    """One benefit of a plan."""
    amount = words(kind=benefit.kind, value=benefit.value)
    return {"title": benefit.title, "subtitle": benefit.note or amount, "icon": benefit.icon}


def plans_table(plans: Sequence[PlanRow]) -> dict[str, Any]:
    """Plans side by side: a column each, a row for every benefit that one of them has."""
    subjects: dict[str, str] = {}
    for plan in plans:
        for one in plan.benefits:
            is_other = one.kind == Kind.OTHER
            subjects.setdefault(one.title if is_other else one.kind, one.title if is_other else KINDS[one.kind].title)
    rows = [{"name": name, "cells": [_cell(plan, subject) for plan in plans]} for subject, name in subjects.items()]
    return {"columns": [plan.name for plan in plans], "rows": rows}


def _cell(plan: PlanRow, subject: str) -> str:
    """What the plan gives of it; empty for what one simply has, a dash for nothing."""
    found = next((one for one in plan.benefits if subject in (one.kind, one.title)), None)
    return "—" if found is None else words(kind=found.kind, value=found.value)


def _breaks_even(plan: PlanRow) -> str:
    discount = next((one.value for one in plan.benefits if one.kind == Kind.DISCOUNT), None)
    cents = break_even_cents(price_cents=plan.price_cents, discount=discount or Decimal(1))
    return f"消费满 {yuan(cents)}，会员折扣省下的钱就超过会费" if cents else ""


def _may_try(plan: PlanRow, own: Membership | None) -> bool:
    return plan.trial_days > 0 and (
        own is None or (own.ends_at is None and not own.is_for_life and not own.has_had_trial)
    )
