"""Invitations and shared links, as the services wrote them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from config.core.admin.day_range import DayRangeFilter
from config.core.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from config.core.admin.spreadsheets import SpreadsheetExport
from config.core.money import yuan
from members.admin.links import page_of
from members.models import Invitation, Member, ShareLink, ShareVisit

_LABELS = {
    "已注册": "info",
    "首单已付款": "info",
    "首单已完成": "warning",
    "已奖励": "success",
    "不计奖励": "danger",
    "首单已退款": "danger",
}


@admin.register(Invitation)
class InvitationAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Who brought whom, how far it came, and why some don't count."""

    empty_text = "会员在「邀请好友」页发出链接，好友注册后会出现在这里；奖励在「活动」里用「邀请有礼」预设开启"
    list_display = ["registered_at", "who", "whom", "step", "why", "channel", "order_cents", "reward_due_at"]
    list_filter = ["state", "refusal", "channel", ("registered_at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["inviter", "invitee", "channel"]
    list_per_page = 30
    search_fields = ["inviter__number", "inviter__nickname", "invitee__number", "invitee__nickname"]
    search_help_text = "按邀请人或被邀请人的昵称、会员号搜索"
    ordering = ["-pk"]
    fieldsets = [
        ("邀请", {"fields": [("inviter_link", "invitee_link"), ("touched_at", "registered_at"), "channel"]}),
        ("首单", {"fields": [("order_link", "order_cents"), ("paid_at", "completed_at")]}),
        ("奖励", {"fields": [("step", "why"), ("reward_due_at", "rewarded_at"), ("refused_at", "clawed_back_at")]}),
    ]
    readonly_fields = ["inviter_link", "invitee_link", "order_link", "order_cents", "step", "why"]

    @display(description="邀请人")
    def who(self, invitation: Invitation) -> str:
        return str(invitation.inviter)

    @display(description="被邀请人")
    def whom(self, invitation: Invitation) -> str:
        return str(invitation.invitee)

    @display(description="状态", label=_LABELS, ordering="state")
    def step(self, invitation: Invitation) -> str:
        return invitation.get_state_display()

    @display(description="不计奖励的原因", ordering="refusal")
    def why(self, invitation: Invitation) -> str:
        return invitation.get_refusal_display() or "—"

    @display(description="首单金额", ordering="first_order_cents")
    def order_cents(self, invitation: Invitation) -> str:
        return yuan(invitation.first_order_cents) if invitation.first_order_id else "—"

    @display(description="邀请人")
    def inviter_link(self, invitation: Invitation) -> str:
        return _member_link(invitation.inviter)

    @display(description="被邀请人")
    def invitee_link(self, invitation: Invitation) -> str:
        return _member_link(invitation.invitee)

    @display(description="首单")
    def order_link(self, invitation: Invitation) -> str:
        order_id = invitation.first_order_id
        page = page_of("admin:mall_order_change", order_id) if order_id else ""
        return format_html('<a class="mall-link" href="{}">查看订单</a>', page) if page else "—"


class VisitInline(ReadOnlyInline):
    """Who came, without a name: day by day, with why some don't count."""

    model = ShareVisit
    verbose_name_plural = "访问"
    fields = ["visited_at", "refusal"]
    ordering = ["-pk"]
    per_page = 30


@admin.register(ShareLink)
class ShareLinkAdmin(SpreadsheetExport, ReadOnlyAdmin):
    """Links that members share, with how many friends came."""

    empty_text = "会员在商城里点「分享」得到自己的链接后，会出现在这里"
    list_display = ["member", "path", "counted", "not_counted", "created_at"]
    list_filter = [("created_at", DayRangeFilter)]
    list_filter_submit = True
    list_select_related = ["member"]
    list_per_page = 30
    search_fields = ["member__number", "member__nickname", "path", "code"]
    search_help_text = "按会员昵称、会员号、页面或链接代码搜索"
    ordering = ["-pk"]
    inlines = [VisitInline]
    fields = ["member", "path", "code", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShareLink]:
        counts = {"visits_counted": Count("visits", filter=Q(visits__refusal=""))}
        return super().get_queryset(request).annotate(visits_all=Count("visits"), **counts)

    @display(description="计入的访问", ordering="visits_counted")
    def counted(self, link: Any) -> str:
        return f"{link.visits_counted:,}"

    @display(description="未计入")
    def not_counted(self, link: Any) -> str:
        return f"{link.visits_all - link.visits_counted:,}"


def _member_link(member: Member) -> str:
    page = reverse("admin:members_member_change", args=[member.pk])
    return format_html('<a class="mall-link" href="{}">{}</a>', page, member)
