"""The panel under a campaign's form: what the form as it stands would give a chosen member."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.rules.names import CHANNEL_NAMES
from campaigns.selectors.previews import Preview, Situation, preview
from campaigns.services import editing
from config.core.forms import YuanField
from members.models import Benefit, Member
from members.selectors.standing import standing
from members.selectors.tiers import ladder

_MOST = 10_000_000


class SituationForm(forms.Form):
    """Which member, when, how much."""

    prefix = "preview"
    member = forms.CharField(label="会员号或手机尾号", required=False, max_length=20, widget=UnfoldAdminTextInputWidget)
    tier = forms.ChoiceField(label="或等级", required=False, widget=UnfoldAdminSelectWidget)
    at = forms.DateTimeField(label="时间", widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}))
    channel = forms.ChoiceField(label="渠道", choices=list(CHANNEL_NAMES.items())[:3], widget=UnfoldAdminSelectWidget)
    amount_cents = YuanField(label="商品实付（元）", max_value=_MOST, widget=UnfoldAdminDecimalFieldWidget)
    points_price = forms.IntegerField(
        label="兑换的积分价", min_value=0, max_value=_MOST, widget=UnfoldAdminIntegerFieldWidget
    )
    streak = forms.IntegerField(
        label="连续签到第几天", min_value=1, max_value=366, widget=UnfoldAdminIntegerFieldWidget
    )

    def __init__(self, *args: Any, may_see_members: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = [(rung.code, rung.name) for rung in ladder()]  # type: ignore[attr-defined]
        if not may_see_members:
            del self.fields["member"]

    def clean_member(self) -> Member | None:
        text = self.cleaned_data["member"].strip()
        if not text:
            return None
        found = list(Member.objects.filter(Q(number=text) | Q(phone_last4=text)).order_by("pk")[:6])
        if not found:
            raise forms.ValidationError("没有这位会员")
        if len(found) > 1:
            names = "、".join(f"{member.nickname} {member.number}" for member in found[:5])
            raise forms.ValidationError(f"有多位会员，请填会员号：{names}{' 等' if len(found) > 5 else ''}")
        return found[0]

    def situation(self) -> tuple[str, Situation]:
        """Whose it is, in words, and what the engine needs to know."""
        values = self.cleaned_data
        rest = {name: values[name] for name in ("at", "channel", "amount_cents", "points_price", "streak")}
        member = values.get("member")
        if member is None:
            rung = next(rung for rung in ladder() if rung.code == values["tier"])
            multiplier = _multiplier(rung.code)
            return f"任一{rung.name}", Situation(
                tier_code=rung.code, tier_name=rung.name, points_multiplier=multiplier, **rest
            )
        known = standing(member_id=member.pk)
        return f"{known.nickname}（{known.tier_name}）", Situation(
            tier_code=known.tier_code, tier_name=known.tier_name, points_multiplier=known.points_multiplier, **rest
        )


def _multiplier(tier_code: str) -> Any:
    benefit = Benefit.objects.filter(tier__code=tier_code, kind=Benefit.Kind.POINTS_MULTIPLIER).first()
    return benefit.value if benefit and benefit.value else 1


def blank_form(request: HttpRequest, *, at: datetime) -> SituationForm:
    """The panel's inputs as a page opens: now, ¥199, first tier."""
    initial = {
        "at": f"{timezone.localtime(at):%Y-%m-%dT%H:%M}",
        "amount_cents": 19900,
        "points_price": 1000,
        "streak": 7,
        "channel": "h5",
    }
    return SituationForm(initial=initial, may_see_members=request.user.has_perm("members.view_member"))


def answer(request: HttpRequest, *, campaign_form: Any, campaign_id: int | None) -> HttpResponse:
    """The panel's lower half: the receipt, or what is still wrong with either form."""
    form = SituationForm(request.POST, may_see_members=request.user.has_perm("members.view_member"))
    context: dict[str, Any] = {"form": form}
    if not campaign_form.is_valid():
        context["wrong"] = [
            (campaign_form.fields[name].label if name in campaign_form.fields else "", text)
            for name, texts in campaign_form.errors.items()
            for text in texts
        ]
    elif form.is_valid():
        whose, situation = form.situation()
        context |= {"whose": whose, "preview": _judged(campaign_form, campaign_id, situation)}
    return render(request, "admin/campaigns/preview_answer.html", context)


def _judged(campaign_form: Any, campaign_id: int | None, situation: Situation) -> Preview:
    definition = editing.definition_of(campaign_form.campaign_values())
    return preview(definition=definition, campaign_id=campaign_id, situation=situation)
