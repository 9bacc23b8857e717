"""The merge page: name the duplicate, see every consequence, type its number, confirm exactly that."""

from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View
from unfold.widgets import UnfoldAdminTextInputWidget

from config.core import policies
from config.core.db import edge_transaction
from config.core.errors import DomainError
from members.models import Member, MergeRequest
from members.ports import merge_parts
from members.rules.statement import last_day
from members.services import merge_requests, merging
from members.services.merging import MergePreview, Side

_CHANGED = "两位会员的情况有变化，请核对新的预览后再确认"
_FIELDS = {"phone": "手机号", "name": "姓名", "birthday": "生日", "gender": "性别", "region_code": "地区"}


class MergeForm(forms.Form):
    """Which member is the duplicate; `typed` repeats its number, `previewed` names the consequences that were shown."""

    number = forms.CharField(label="重复的会员号", max_length=12, widget=UnfoldAdminTextInputWidget)
    typed = forms.CharField(label="再次输入", max_length=12, required=False, widget=UnfoldAdminTextInputWidget)
    previewed = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        self.source = Member.objects.filter(number=number).first()
        if self.source is None:
            raise forms.ValidationError("没有这个会员号，请核对后重新输入")
        return number


class MergeView(View):
    """GET: the form. POST "preview": with its consequences. POST "confirm": merge what was previewed."""

    model_admin: Any = None

    def get(self, request: HttpRequest, member_id: int) -> HttpResponse:
        form = MergeForm(initial={"number": request.GET.get("number", "")[:12]})
        return self._page(request, self._target(request, member_id), form, None)

    def post(self, request: HttpRequest, member_id: int) -> HttpResponse:
        target, form = self._target(request, member_id), MergeForm(request.POST)
        if not form.is_valid():
            return self._page(request, target, form, None, status=422)
        try:
            with edge_transaction():
                return self._answer(request, target, form)
        except DomainError as error:
            form.add_error("number", error.text)
            return self._page(request, target, form, None, status=422)

    def _answer(self, request: HttpRequest, target: Member, form: MergeForm) -> HttpResponse:
        source, at = form.source, timezone.now()
        assert source is not None
        if source.merged_into_id == target.pk:
            return self._done(request, target, f"会员 {source.number} 已并入本会员")
        preview = merging.preview_merge(source_id=source.pk, target_id=target.pk, at=at)
        if "confirm" not in request.POST:
            return self._page(request, target, form, preview)
        if form.cleaned_data["previewed"] != _seen(preview):
            form.add_error(None, _CHANGED)
            return self._page(request, target, form, preview, status=409)
        if form.cleaned_data["typed"].strip() != source.number:
            form.add_error("typed", "输入的会员号与要并入的会员不一致")
            return self._page(request, target, form, preview, status=422)
        asked = merge_requests.request_merge(
            source_id=source.pk, target_id=target.pk, operator_id=int(request.user.pk or 0), at=at
        )
        if asked.status == MergeRequest.Status.PENDING:
            due = f"{timezone.localtime(asked.due_at):%Y-%m-%d %H:%M}"
            self.model_admin.log_change(request, source, f"将于 {due} 并入会员 {target.number}")
            sentence = f"会员 {source.number} 将于 {due} 并入，之前可以在「会员合并」里取消"
        else:
            self.model_admin.log_change(request, source, f"已并入会员 {target.number}")
            sentence = f"已并入会员 {source.number}，现有 {preview.after.points.spendable:,} 积分"
        self.model_admin.log_change(request, target, sentence)
        return self._done(request, target, sentence)

    def _done(self, request: HttpRequest, target: Member, sentence: str) -> HttpResponse:
        messages.success(request, sentence)
        return redirect(reverse("admin:members_member_change", args=[target.pk]))

    def _target(self, request: HttpRequest, member_id: int) -> Member:
        if not self.model_admin.has_merge_permission(request):
            raise PermissionDenied
        return get_object_or_404(Member, pk=member_id)

    def _page(
        self, request: HttpRequest, target: Member, form: MergeForm, preview: MergePreview | None, status: int = 200
    ) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": f"合并会员 · 保留 {target}",
            "form": form,
            "target": str(target),
            "source": str(preview.source.member) if preview else "",
            "number": preview.source.member.number if preview else "",
            "previewed": _seen(preview) if preview else "",
            "balances": _balances(preview) if preview else None,
            "lapsing": _lapsing(preview) if preview else None,
            "moves": _moves(preview) if preview else None,
            "member_url": reverse("admin:members_member_change", args=[target.pk]),
            "delay_hours": policies.current().merge_delay_hours,
        }
        return render(request, "admin/members/merge.html", context, status=status)


def _seen(preview: MergePreview) -> str:
    """A name for exactly these consequences: what is confirmed must be what was shown."""
    shown = [preview.source.member.pk, _balances(preview), _lapsing(preview), _moves(preview)]
    return sha256(repr(shown).encode()).hexdigest()


def _balances(preview: MergePreview) -> list[tuple[str, list[str]]]:
    """Title, and what the duplicate, the kept one, and the kept one afterwards have."""
    sides = (preview.source, preview.target, preview.after)
    rows: list[tuple[str, list[str]]] = [
        ("等级", [side.member.tier.name for side in sides]),
        ("可用积分", [f"{side.points.spendable:,}" for side in sides]),
        ("待生效积分", [f"{side.points.pending:,}" for side in sides]),
        ("待抵扣欠分", [f"{side.points.arrears:,}" for side in sides]),
        ("定级成长值", [f"{side.growth:,}" for side in sides]),
    ]
    return rows


def _lapsing(preview: MergePreview) -> list[tuple[str, list[str]]]:
    """The same three for every day on which points lapse, and for those that never do."""
    sides = (preview.source, preview.target, preview.after)
    moments = sorted({moment for side in sides for moment, _ in side.points.lapsing})
    by_day = [dict(side.points.lapsing) for side in sides]
    rows = [
        (f"{last_day(moment):%Y-%m-%d} 到期", [f"{points.get(moment, 0):,}" for points in by_day]) for moment in moments
    ]
    return [*rows, ("长期有效", [f"{_lasting(side):,}" for side in sides])]


def _lasting(side: Side) -> int:
    return side.points.spendable - sum(points for _, points in side.points.lapsing)


def _moves(preview: MergePreview) -> list[tuple[str, str]]:
    """What else moves, in words."""
    source, moved = preview.source.member, preview.moved
    counted = [(part.title, part.count(source.pk)) for part in merge_parts()]
    counted += [
        ("收货地址", moved.addresses),
        ("第三方登录", moved.identities),
        ("待审批的积分调整", moved.adjustment_requests),
        ("标签", moved.tags),
    ]
    told = [(title, f"{count:,}") for title, count in counted]
    if moved.has_phone:
        told.append(("手机号改登录保留会员", f"尾号 {source.phone_last4}"))
    if moved.has_email:
        told.append(("消息邮箱", "改用重复会员的邮箱"))
    if moved.refusals:
        told.append(("关闭的消息渠道（重复会员拒收的从严）", f"{moved.refusals:,}"))
    if preview.takes_over:
        told.append(("补全资料", "、".join(_FIELDS[name] for name in preview.takes_over)))
    return told
