"""Where a member stands, as plain values for the top of the member's page."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from members.admin.links import page_of
from members.models import Member
from members.rules.statement import last_day
from members.selectors import statement
from points import ledger

_ENTRIES = 20
_CAUSES = {
    "order": "订单",
    "refund": "退款",
    "checkin": "签到",
    "birthday": "生日礼",
    "member": "注册",
    "profile": "完善资料",
    "invitation": "邀请",
    "share": "分享",
    "welcome_gift": "开卡礼",
    "benefit_gift": "权益礼",
    "staff": "员工调整",
    "import": "导入",
    "merge": "会员合并",
    "registered": "注册",
    "period": "定级周期结束，成长值未达保级",
    "ladder": "等级门槛调整",
}


def cause_in_words(cause: str) -> str:
    """A machine reference as staff read it: order:88 -> 订单（order:88）; anything unknown stays as it is."""
    word = _CAUSES.get(cause.split(":")[0])
    return f"{word}（{cause}）" if word and ":" in cause else word or cause


def kind_of(source: str) -> str:
    """What sort of thing a machine reference names: order:88 -> 订单; anything unknown stays as it is."""
    return _CAUSES.get(source.split(":")[0], source)


def standing_panel(member: Member, *, at: datetime) -> dict[str, Any]:
    """Balance, what lapses next, and the latest entries."""
    balance = ledger.balance(account=member.points_account_id, at=at)
    growth = ledger.balance(account=member.growth_account_id, at=at)
    page = statement.statement(account=member.points_account_id, limit=_ENTRIES)
    return {
        "merged_into": member.merged_into
        and {
            "name": str(member.merged_into),
            "url": reverse("admin:members_member_change", args=[member.merged_into_id]),
        },
        "balance": [
            ("可用积分", f"{balance.spendable:,}"),
            ("待生效积分", f"{balance.pending:,}"),
            ("冻结积分", f"{balance.held:,}"),
            ("待抵扣欠分", f"{balance.arrears:,}"),
            ("成长值", f"{growth.spendable:,}"),
        ],
        "lapsing": [(last_day(when), f"{points:,}") for when, points in balance.lapsing[:3]],
        "entries": [_entry(row) for row in page.rows],
        "entries_url": reverse("admin:members_member_account", args=[member.pk]),
        "orders_url": page_of("admin:mall_order_changelist", query=f"?q={member.number}"),
    }


def _entry(row: statement.StatementRow) -> dict[str, Any]:
    return {
        "at": row.occurred_at,
        "title": row.title,
        "note": row.note,
        "points": f"{row.points:+,}",
        "look": "mall-plus" if row.points > 0 else "mall-minus" if row.points < 0 else "",
        "after": f"{row.spendable_after:,}",
        "url": page_of("admin:points_entry_change", row.id),
    }
