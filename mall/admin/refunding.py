"""The refund page: choose pieces, see every consequence, then confirm exactly that."""

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
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from config.core.db import edge_transaction
from config.core.errors import DomainError
from config.core.money import yuan
from config.core.random_numbers import public_number
from mall.models import Order, OrderLine, Refund
from mall.selectors.pictures import url_of
from mall.services import refunds

_CHANGED = "选择的商品或订单有变化，请核对新的试算结果后再确认"


class RefundForm(forms.Form):
    """How many pieces of every line come back, and why.

    `key` makes a double click refund once; `previewed` names the consequences that the operator saw.
    """

    reason = forms.CharField(label="退款原因", min_length=2, max_length=100, widget=UnfoldAdminTextInputWidget)
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    previewed = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: list[OrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            left = line.quantity - line.refunded_quantity
            self.fields[f"line-{line.pk}"] = forms.IntegerField(
                label=f"{line.product_name} {line.sku_label}",
                required=False,
                min_value=0,
                max_value=left,
                initial=0,
                widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 0, "max": left}),
            )

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.quantities():
            raise forms.ValidationError("请至少选择一件商品")
        return self.cleaned_data

    def quantities(self) -> dict[int, int]:
        """Pieces by order line id, without the zeros."""
        chosen = {line.pk: self.cleaned_data.get(f"line-{line.pk}") or 0 for line in self.lines}
        return {pk: quantity for pk, quantity in chosen.items() if quantity}


class RefundView(View):
    """GET: the form. POST "preview": the same with its consequences. POST "confirm": refund what was previewed."""

    model_admin: Any = None

    def get(self, request: HttpRequest, order_id: int) -> HttpResponse:
        order = self._order(request, order_id)
        form = RefundForm(lines=_lines(order), initial={"key": f"refund:{public_number(16)}"})
        return self._page(request, order, form, None)

    def post(self, request: HttpRequest, order_id: int) -> HttpResponse:
        order = self._order(request, order_id)
        done = Refund.objects.filter(order=order, key=request.POST.get("key", "")[:40]).first()
        if done is not None:
            return self._done(request, order, done.cash_cents, done.points)
        form = RefundForm(request.POST, lines=_lines(order))
        if not form.is_valid():
            return self._page(request, order, form, None, status=422)
        try:
            with edge_transaction():
                return self._answer(request, order, form)
        except DomainError as error:
            form.add_error(None, error.text)
            return self._page(request, order, form, None, status=422)

    def _answer(self, request: HttpRequest, order: Order, form: RefundForm) -> HttpResponse:
        at, chosen = timezone.now(), form.quantities()
        preview = refunds.preview_refund(order_id=order.pk, lines=chosen, at=at)
        if "confirm" not in request.POST:
            return self._page(request, order, form, preview)
        values = form.cleaned_data
        if values["previewed"] != _seen(preview):
            form.add_error(None, _CHANGED)
            return self._page(request, order, form, preview, status=409)
        made = refunds.refund(order_id=order.pk, lines=chosen, key=values["key"], reason=values["reason"], at=at)
        sentence = f"已退款 {yuan(made.cash_cents)}，退还 {made.points:,} 积分"
        self.model_admin.log_change(request, order, f"{sentence}（{values['reason']}）")
        return self._done(request, order, made.cash_cents, made.points)

    def _done(self, request: HttpRequest, order: Order, cash_cents: int, points: int) -> HttpResponse:
        messages.success(request, f"已退款 {yuan(cash_cents)}，退还 {points:,} 积分")
        return redirect(reverse("admin:mall_order_change", args=[order.pk]))

    def _order(self, request: HttpRequest, order_id: int) -> Order:
        if not self.model_admin.has_refund_permission(request, order_id):
            raise PermissionDenied
        return get_object_or_404(self.model_admin.get_queryset(request), pk=order_id)

    def _page(
        self,
        request: HttpRequest,
        order: Order,
        form: RefundForm,
        preview: refunds.RefundPreview | None,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": f"退款 · 订单 {order.number}",
            "form": form,
            "rows": [_row(form, line) for line in form.lines],
            "previewed": _seen(preview) if preview else "",
            "consequences": _consequences(preview) if preview else None,
            "order_url": reverse("admin:mall_order_change", args=[order.pk]),
        }
        return render(request, "admin/mall/refund.html", context, status=status)


def _lines(order: Order) -> list[OrderLine]:
    return [line for line in order.lines.order_by("pk") if line.refunded_quantity < line.quantity]


def _row(form: RefundForm, line: OrderLine) -> dict[str, Any]:
    return {
        "name": line.product_name,
        "label": line.sku_label,
        "image": url_of(line.image),
        "left": line.quantity - line.refunded_quantity,
        "paid": yuan(line.paid_cents),
        "field": form[f"line-{line.pk}"],
    }


def _seen(preview: refunds.RefundPreview) -> str:
    """A name for exactly these consequences: what is confirmed must be what was shown."""
    return sha256(repr(preview).encode()).hexdigest()


def _consequences(preview: refunds.RefundPreview) -> list[tuple[str, str]]:
    return [
        ("退还现金", yuan(preview.cash_cents)),
        ("其中商品", yuan(preview.goods_cents)),
        ("其中运费", yuan(preview.freight_cents)),
        ("退还会员积分", f"{preview.points_back:,}"),
        ("扣回已发积分", f"{preview.points_clawed_back:,}"),
        ("扣回成长值", f"{preview.growth_clawed_back:,}"),
        *([("一并关闭的待付款订单", "、".join(preview.closing))] if preview.closing else []),
    ]
