"""Benefits as data: what kinds there are, how a value is checked and read, and what several of a kind amount to."""

from enum import StrEnum


class Kind(StrEnum):
    """What a benefit is; everything else about a kind stands in `KINDS`."""

    POINTS_MULTIPLIER = "points_multiplier"
    DISCOUNT = "discount"
    MEMBER_PRICE = "member_price"
    FREE_SHIPPING = "free_shipping"
    BIRTHDAY_GIFT = "birthday_gift"
    TIER_UP_GIFT = "tier_up_gift"
    MONTHLY_COUPONS = "monthly_coupons"
    EXCLUSIVE_PRODUCTS = "exclusive_products"
    EARLY_ACCESS = "early_access"
    PRIORITY_SHIPPING = "priority_shipping"
    DEDICATED_SUPPORT = "dedicated_support"
    FREE_RETURNS = "free_returns"
    EVENT_INVITATION = "event_invitation"
    OTHER = "other"


_TITLES = {
    Kind.POINTS_MULTIPLIER: "积分倍数",
    Kind.DISCOUNT: "会员折扣",
    Kind.MEMBER_PRICE: "会员价",
    Kind.FREE_SHIPPING: "包邮",
    Kind.BIRTHDAY_GIFT: "生日礼",
    Kind.TIER_UP_GIFT: "升级礼",
    Kind.MONTHLY_COUPONS: "每月券包",
    Kind.EXCLUSIVE_PRODUCTS: "专享商品",
    Kind.EARLY_ACCESS: "提前购",
    Kind.PRIORITY_SHIPPING: "优先发货",
    Kind.DEDICATED_SUPPORT: "专属客服",
    Kind.FREE_RETURNS: "免费退换",
    Kind.EVENT_INVITATION: "活动邀请",
    Kind.OTHER: "其他",
}


def kind_choices() -> list[tuple[str, str]]:
    """Every kind with its Chinese title, as a form or a model field offers them."""
    return [(str(kind), title) for kind, title in _TITLES.items()]
