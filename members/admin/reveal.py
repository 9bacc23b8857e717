"""Looking at personal data in full: one thing at a time, with a reason, on a page that nobody keeps."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views import View
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from config.core.admin.day_range import DayRangeFilter
from config.core.admin.dialogs import place_refusal
from config.core.admin.read_only import ReadOnlyAdmin
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.db import edge_transaction
from config.core.errors import DomainError
from members.models import Member, Reveal
from members.services.reveals import reveal


class RevealForm(forms.Form):
    """What to look at, and why."""

    what = forms.ChoiceField(label="查看内容", choices=Reveal.What.choices, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label="原因",
        max_length=100,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "例如 联系会员处理退货", "autocomplete": "off"}),
    )


class RevealView(View):
    """GET: the form. POST: the one thing in full, once; it is written down before it is shown."""

    model_admin: Any = None

    def get(self, request: HttpRequest, member_id: int) -> HttpResponse:
        return self._page(request, self._member(request, member_id), RevealForm())

    def post(self, request: HttpRequest, member_id: int) -> HttpResponse:
        member, form = self._member(request, member_id), RevealForm(request.POST)
        if not form.is_valid():
            return self._page(request, member, form, status=422)
        values = form.cleaned_data
        title = Reveal.What(values["what"]).label
        try:
            with edge_transaction():
                lines = reveal(
                    member_id=member.pk,
                    what=values["what"],
                    reason=values["reason"],
                    operator_id=int(request.user.pk or 0),
                    at=timezone.now(),
                )
                self.model_admin.log_change(request, member, f"已查看{title}（{values['reason']}）")
        except DomainError as refusal:
            place_refusal(form, refusal)
            return self._page(request, member, form, status=422)
        return self._page(request, member, RevealForm(), title=title, lines=lines or ("会员没有填写",))

    def _member(self, request: HttpRequest, member_id: int) -> Member:
        if not self.model_admin.has_reveal_permission(request):
            raise PermissionDenied
        return get_object_or_404(Member, pk=member_id)

    def _page(self, request: HttpRequest, member: Member, form: RevealForm, **shown: Any) -> HttpResponse:
        status = shown.pop("status", 200)
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": f"查看完整信息 · {member}",
            "member_id": member.pk,
            "form": form,
            "shown": shown,
        }
        response = render(request, "admin/members/reveal.html", context, status=status)
        add_never_cache_headers(response)
        return response


@admin.register(Reveal)
class RevealAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Who looked at what of whom, when, and why."""

    empty_text = "员工查看会员的完整信息后，这里会有记录"
    list_display = ["at", "user", "who", "what", "reason"]
    list_filter = ["what", ("at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["user", "member"]
    search_fields = ["member__number", "user__username", "reason"]
    search_help_text = "按会员号、员工账号或原因搜索"
    ordering = ["-at", "-pk"]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reveal]:
        return super().get_queryset(request).select_related("user", "member")

    @display(description="会员")
    def who(self, row: Reveal) -> str:
        return str(row.member)
