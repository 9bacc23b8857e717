"""Who would move and what it would cost, for a tier's form as it stands: beside the form, and before it is saved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.core.money import yuan
from members.models import Benefit
from members.rules.benefits import Terms
from members.rules.tiers import Rung
from members.selectors.tiers import fresh_tiers
from members.selectors.what_if import Proposed, WhatIf, what_if

_OF_TERMS = ("kind", "value", "title", "subtitle", "icon")
_WEIGHTY = {"rank", "threshold", "retention_threshold"}


def is_weighty(*, form: Any, formset: Any) -> bool:
    """Whether saving would move members or change what they are given; names and pictures do neither."""
    changed = [
        one for one in formset.forms if one.has_changed() and {"kind", "value", "DELETE"} & set(one.changed_data)
    ]
    return bool(_WEIGHTY & set(form.changed_data) or changed)


def wrong(*, form: Any, formset: Any) -> list[str]:
    """What is still to be filled in, in sentences; empty when both are valid."""
    if form.is_valid() and formset.is_valid():
        return []
    found = [
        (one.fields[name].label if name in one.fields else "", texts)
        for one in (form, *formset.forms)
        for name, texts in one.errors.items()
    ]
    return [f"{label}：{text}" if label else str(text) for label, texts in found for text in texts] or ["请检查权益"]


def values(*, form: Any, formset: Any, at: datetime) -> dict[str, Any]:
    """What the answer shows of a valid form."""
    now = [Proposed(rung=row.rung, terms=row.benefits) for row in fresh_tiers()]
    then = _proposed(now, form=form, formset=formset)
    found = what_if(now=now, then=then, at=at)
    return {
        "sample": f"{found.sample:,}" if found.sample else "",
        "sentences": _sentences(found),
        "columns": [tier.rung.name for tier in then],
        "rows": _matrix(found, then),
        "costs": _costs(found),
    }


def answer(request: HttpRequest, *, form: Any, formset: Any, at: datetime) -> HttpResponse:
    """The panel's answer to the form as it stands, or what is still wrong with it."""
    refusals = wrong(form=form, formset=formset)
    context = {"wrong": refusals} if refusals else values(form=form, formset=formset, at=at)
    return render(request, "admin/members/tier_preview_answer.html", context)


def _proposed(now: Sequence[Proposed], *, form: Any, formset: Any) -> list[Proposed]:
    """The ladder with the form's tier as the form has it, lowest first."""
    tier = form.instance
    own = next((one.rung for one in now if one.rung.id == tier.pk), Rung(id=0, code="", name="", rank=0, threshold=0))
    rung = replace(
        own,
        name=form.cleaned_data["name"],
        rank=form.cleaned_data["rank"],
        threshold=form.cleaned_data["threshold"],
        retention_threshold=form.cleaned_data["retention_threshold"],
    )
    others = [one for one in now if one.rung.id != own.id]
    return sorted([*others, Proposed(rung=rung, terms=_terms(tier, formset))], key=lambda one: one.rung.rank)


def _terms(tier: Any, formset: Any) -> tuple[Terms, ...]:
    """The tier's benefits: those of the form, and those that stand on another page of it."""
    on_form = {one.instance.pk for one in formset.forms if one.instance.pk}
    elsewhere = Benefit.objects.filter(tier=tier.pk).exclude(pk__in=on_form) if tier.pk else ()
    kept = [one.cleaned_data for one in formset.forms if one.cleaned_data and not one.cleaned_data.get("DELETE")]
    return (
        *(Terms(**{name: row[name] for name in _OF_TERMS}) for row in kept),
        *(Terms(**{name: getattr(row, name) for name in _OF_TERMS}) for row in elsewhere),
    )


def _sentences(found: WhatIf) -> list[str]:
    now, then = found.now, found.then
    return [
        f"保存后 {then.rising:,} 位会员会在几分钟内升级",
        f"按现在的成长值，{then.falling:,} 位会员会在各自的定级周期结束时降一级，"
        f"现行规则下是 {now.falling:,} 位（{then.falling - now.falling:+,}）。保存不会让任何人立即降级",
    ]


def _matrix(found: WhatIf, then: Sequence[Proposed]) -> list[dict[str, Any]]:
    """A row per tier as it is, a column per tier as it would be."""
    counts = {(cell.old.id, cell.new.id): cell.members for cell in found.then.moves}

    def cell(old: int, new: int) -> dict[str, Any]:
        members = counts.get((old, new), 0)
        return {"text": f"{members:,}" if members else "—", "is_move": members > 0 and old != new}

    return [
        {"name": old.rung.name, "cells": [cell(old.rung.id, new.rung.id) for new in then]}
        for old in then
        if old.rung.id
    ]


def _costs(found: WhatIf) -> list[dict[str, Any]]:
    def row(name: str, part: str) -> dict[str, Any]:
        now, then = (int(getattr(one.cost, part)) for one in (found.now, found.then))
        sign = "+" if then >= now else "-"
        return {"name": name, "now": yuan(now), "then": yuan(then), "more": f"{sign}{yuan(abs(then - now))}"}

    return [
        row("积分倍数", "points_cents"),
        row("会员折扣", "discount_cents"),
        row("会员价（折扣之外）", "member_price_cents"),
        row("包邮（至多）", "shipping_cents"),
        row("生日礼积分（至多）", "gifts_cents"),
        row("合计", "total_cents"),
    ]
