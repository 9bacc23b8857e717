"""What the mall's page blocks say in the API. Links are addresses of H5 pages; a client maps them to its own."""

from typing import Any

from rest_framework import serializers

from mall.api.outputs import AccessOutput

_LINK = "H5 页面的路径，例如 /points-mall/"


class SlideOutput(serializers.Serializer[Any]):
    """One picture of a banner."""

    title_lines = serializers.ListField(child=serializers.CharField(allow_blank=True), help_text="标题，每项一行")
    text = serializers.CharField(allow_blank=True)
    button = serializers.CharField(allow_blank=True)
    link = serializers.CharField(help_text=_LINK)
    art = serializers.CharField(help_text="图标名")
    tone = serializers.ChoiceField(choices=[("warm", "暖色"), ("night", "夜色")])


class BannerOutput(serializers.Serializer[Any]):
    """轮播图."""

    slides = SlideOutput(many=True)


class ShortcutOutput(serializers.Serializer[Any]):
    """One way to go."""

    title = serializers.CharField(allow_blank=True)
    link = serializers.CharField(help_text=_LINK)
    art = serializers.CharField(help_text="大图标名")
    icon = serializers.CharField(help_text="小图标名")
    tip = serializers.CharField(allow_blank=True, help_text="角标文字")


class ShortcutsOutput(serializers.Serializer[Any]):
    """快捷入口."""

    title = serializers.CharField(allow_blank=True)
    look = serializers.ChoiceField(choices=[("art", "大图标"), ("icon", "小图标")])
    entries = ShortcutOutput(many=True)


class BlockProductOutput(serializers.Serializer[Any]):
    """A product on a page."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    subtitle = serializers.CharField(allow_blank=True)
    image = serializers.CharField(allow_blank=True, help_text="图片地址；没有为空")
    price_cents = serializers.IntegerField(help_text="该会员的价格（分）")
    list_price_cents = serializers.IntegerField(allow_null=True, help_text="划线价（分）；没有为 null")
    member_price_cents = serializers.IntegerField(
        allow_null=True, help_text="会员价（分）；没有或不比调用者的价格低为 null"
    )
    is_member_price = serializers.BooleanField(help_text="price_cents 就是会员价")
    tags = serializers.ListField(child=serializers.CharField())
    sold_count = serializers.IntegerField(source="sold")
    is_sold_out = serializers.BooleanField(source="sold_out")
    access = AccessOutput()


class ProductRailOutput(serializers.Serializer[Any]):
    """商品橱窗."""

    title = serializers.CharField()
    more = serializers.CharField(help_text=f"查看更多：{_LINK}")
    products = BlockProductOutput(many=True)


class ProductFeedOutput(serializers.Serializer[Any]):
    """商品瀑布流."""

    title = serializers.CharField()
    products = BlockProductOutput(many=True)
    next_cursor = serializers.CharField(allow_blank=True, help_text="接着用 products/?cursor= 取下一页；空表示没有更多")


class BlockRewardOutput(serializers.Serializer[Any]):
    """A product of the points mall on a page."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    subtitle = serializers.CharField(allow_blank=True)
    image = serializers.CharField(allow_blank=True)
    points = serializers.IntegerField(help_text="现在所需的积分")
    was_points = serializers.IntegerField(help_text="活动前的积分；没有活动为 0")
    cash_cents = serializers.IntegerField(help_text="另付现金（分）")
    worth_cents = serializers.IntegerField(help_text="价值（分）")
    is_sold_out = serializers.BooleanField(source="sold_out")
    access = AccessOutput()


class PointsRailOutput(serializers.Serializer[Any]):
    """积分好礼."""

    title = serializers.CharField()
    products = BlockRewardOutput(many=True)


class OrderCountOutput(serializers.Serializer[Any]):
    """How many orders wait for one thing."""

    name = serializers.CharField()
    icon = serializers.CharField(help_text="图标名")
    status = serializers.CharField(help_text="orders/?status= 的取值")
    number = serializers.IntegerField(help_text="角标；0 不显示")


class OrderCountsBlockOutput(serializers.Serializer[Any]):
    """订单数量."""

    title = serializers.CharField()
    counts = OrderCountOutput(many=True)
