"""Who may do what in the back office: the roles that every shop starts with, right by right.

One line per right that some page offers. The roles are made from this table (`manage.py sync_roles`), and a test asks
every page and button of the back office whether it agrees; a page that is not here fails it.
"""

from collections.abc import Mapping
from typing import Final

OWNER, MARKETER, WAREHOUSE, SUPPORT, FINANCE, CLERK = "owner", "marketer", "warehouse", "support", "finance", "clerk"

ROLE_NAMES: Final[Mapping[str, str]] = {
    OWNER: "店主",
    MARKETER: "营销",
    WAREHOUSE: "仓库",
    SUPPORT: "客服",
    FINANCE: "财务",
    CLERK: "店员",
}

# The owner has every right. Accounts, roles, settings, lock-outs and two-step devices are no rights: they take an
# account that is marked as the owner's.
OWNER_ALONE: Final = frozenset(
    {"members.User", "auth.Group", "axes.AccessAttempt", "back_office.TwoStepDevice", "constance.Config"}
)

_NOBODY_ELSE: Final[tuple[str, ...]] = ()
_SELLING = (MARKETER, WAREHOUSE, SUPPORT, FINANCE, CLERK)

RIGHTS: Final[Mapping[str, tuple[str, ...]]] = {
    # 商品与订单
    "mall.view_order": (WAREHOUSE, SUPPORT, FINANCE, CLERK),
    "mall.change_order": (SUPPORT,),
    "mall.add_shipment": (WAREHOUSE, CLERK),
    "mall.add_refund": (SUPPORT,),
    "mall.view_refund": (SUPPORT, FINANCE),
    "mall.view_payment": (SUPPORT, FINANCE),
    "mall.view_product": _SELLING,
    "mall.add_product": (MARKETER,),
    "mall.change_product": (MARKETER,),
    "mall.view_stock": (MARKETER, WAREHOUSE, SUPPORT, CLERK),
    "mall.change_stock": (WAREHOUSE,),
    "mall.view_category": _SELLING,
    "mall.add_category": (MARKETER,),
    "mall.change_category": (MARKETER,),
    "mall.delete_category": _NOBODY_ELSE,
    "mall.view_store": _SELLING,
    "mall.add_store": _NOBODY_ELSE,
    "mall.change_store": _NOBODY_ELSE,
    "mall.view_pageblock": (MARKETER,),
    "mall.add_pageblock": (MARKETER,),
    "mall.change_pageblock": (MARKETER,),
    "mall.delete_pageblock": (MARKETER,),
    # 会员
    "members.view_member": (MARKETER, SUPPORT, CLERK),
    "members.change_member": (SUPPORT,),
    "members.add_pointsnote": (SUPPORT,),
    "members.merge_member": (SUPPORT,),
    "members.reveal_member": (SUPPORT,),
    "members.view_duplicate": (SUPPORT,),
    "members.view_mergerequest": (SUPPORT,),
    "members.view_reveal": _NOBODY_ELSE,
    "members.view_tier": (MARKETER, SUPPORT, CLERK),
    "members.add_tier": _NOBODY_ELSE,
    "members.change_tier": (MARKETER,),
    "members.view_tierchange": (MARKETER, SUPPORT),
    "members.view_adjustmentrequest": (SUPPORT, FINANCE),
    "members.approve_adjustmentrequest": (FINANCE,),
    "members.view_tag": (MARKETER, SUPPORT),
    "members.add_tag": (MARKETER,),
    "members.change_tag": (MARKETER,),
    "members.delete_tag": (MARKETER,),
    "members.view_interest": (MARKETER, SUPPORT),
    "members.add_interest": (MARKETER,),
    "members.change_interest": (MARKETER,),
    "members.delete_interest": (MARKETER,),
    "members.view_privacynotice": (SUPPORT,),
    "members.add_privacynotice": _NOBODY_ELSE,
    "members.change_privacynotice": _NOBODY_ELSE,
    "members.view_consent": (SUPPORT,),
    "members.view_closing": (SUPPORT,),
    "members.view_plan": (MARKETER, SUPPORT, FINANCE),
    "members.add_plan": (MARKETER,),
    "members.change_plan": (MARKETER,),
    "members.delete_plan": _NOBODY_ELSE,
    "members.view_subscription": (MARKETER, SUPPORT, FINANCE),
    "members.view_giftcardbatch": (MARKETER, FINANCE),
    "members.add_giftcardbatch": (MARKETER,),
    "members.change_giftcardbatch": (MARKETER,),
    "members.delete_giftcardbatch": _NOBODY_ELSE,
    "members.view_giftcard": (MARKETER, SUPPORT, FINANCE),
    "members.void_giftcard": _NOBODY_ELSE,
    "members.export_giftcardbatch": _NOBODY_ELSE,
    "members.view_segment": (MARKETER,),
    "members.add_segment": (MARKETER,),
    "members.change_segment": (MARKETER,),
    "members.export_segment": _NOBODY_ELSE,
    # 邀请与渠道
    "members.view_invitation": (MARKETER, SUPPORT),
    "members.view_sharelink": (MARKETER,),
    "members.view_channel": (MARKETER, FINANCE),
    "members.add_channel": (MARKETER,),
    "members.change_channel": (MARKETER,),
    "members.delete_channel": (MARKETER,),
    # 消息
    "members.view_broadcast": (MARKETER,),
    "members.add_broadcast": (MARKETER,),
    "members.change_broadcast": (MARKETER,),
    "members.run_broadcast": (MARKETER,),
    "members.view_messagetemplate": (MARKETER, SUPPORT),
    "members.add_messagetemplate": (MARKETER,),
    "members.change_messagetemplate": (MARKETER,),
    "members.view_message": (SUPPORT,),
    "members.view_messageconsent": (MARKETER, SUPPORT),
    "members.view_messagedelivery": (MARKETER, SUPPORT),
    "members.resend_messagedelivery": (SUPPORT,),
    "members.view_subscribequota": (MARKETER, SUPPORT),
    # 营销
    "campaigns.view_campaign": (MARKETER, SUPPORT, FINANCE),
    "campaigns.add_campaign": (MARKETER,),
    "campaigns.change_campaign": (MARKETER,),
    "campaigns.view_benefitgift": (MARKETER, SUPPORT, FINANCE),
    "campaigns.view_checkin": (MARKETER, SUPPORT),
    "campaigns.view_grant": (MARKETER, SUPPORT, FINANCE),
    "campaigns.view_receipt": (MARKETER, SUPPORT, FINANCE),
    # 积分
    "points.view_account": (SUPPORT, FINANCE),
    "points.view_entry": (SUPPORT, FINANCE),
    "points.view_finance_report": (FINANCE,),
    "points.view_lapsereminder": (MARKETER, SUPPORT),
    "points.view_auditrun": (FINANCE,),
    "points.view_seal": (FINANCE,),
    # 系统
    "back_office.view_staffdeed": (FINANCE,),
    "outbox.view_delivery": _NOBODY_ELSE,
    "outbox.resolve_delivery": _NOBODY_ELSE,
    "outbox.view_message": _NOBODY_ELSE,
}

# Pages that are no list, form or history of a row: the right each takes.
PAGES: Final[Mapping[str, str]] = {
    "campaigns_campaign_preview": "campaigns.view_campaign",
    "campaigns_campaign_new_from_preset": "campaigns.add_campaign",
    "campaigns_campaign_publish": "campaigns.change_campaign",
    "campaigns_campaign_pause": "campaigns.change_campaign",
    "mall_order_refund_page": "mall.add_refund",
    "mall_order_ship": "mall.add_shipment",
    "mall_order_refund": "mall.add_refund",
    "mall_order_cancel": "mall.change_order",
    "mall_stock_adjust": "mall.change_stock",
    "members_adjustmentrequest_approve": "members.approve_adjustmentrequest",
    "members_adjustmentrequest_refuse": "members.approve_adjustmentrequest",
    "members_adjustmentrequest_withdraw": "members.add_pointsnote",
    "members_broadcast_start": "members.run_broadcast",
    "members_broadcast_pause": "members.run_broadcast",
    "members_broadcast_resume": "members.run_broadcast",
    "members_channel_report": "members.view_channel",
    "members_channel_report_file": "members.view_channel",
    "members_channel_open_report": "members.view_channel",
    "members_duplicate_keep_first": "members.merge_member",
    "members_duplicate_keep_second": "members.merge_member",
    "members_duplicate_dismiss": "members.merge_member",
    "members_giftcardbatch_export_codes": "members.export_giftcardbatch",
    "members_giftcardbatch_void_rest": "members.void_giftcard",
    "members_member_account": "members.view_member",
    "members_member_merge_page": "members.merge_member",
    "members_member_reveal_page": "members.reveal_member",
    "members_member_adjust_points": "members.add_pointsnote",
    "members_member_reveal": "members.reveal_member",
    "members_member_merge": "members.merge_member",
    "members_mergerequest_cancel": "members.merge_member",
    "members_messagedelivery_resend": "members.resend_messagedelivery",
    "members_privacynotice_publish": "members.change_privacynotice",
    "members_segment_count": "members.view_segment",
    "members_segment_choices": "members.view_segment",
    "members_segment_refresh": "members.change_segment",
    "members_segment_faults": "members.change_segment",
    "members_segment_members": "members.export_segment",
    "members_segment_export_members": "members.export_segment",
    "members_tier_preview": "members.view_tier",
}


def rights_of(role: str) -> frozenset[str]:
    """The rights that a role starts with: "app.codename"."""
    return frozenset(right for right, roles in RIGHTS.items() if role == OWNER or role in roles)
