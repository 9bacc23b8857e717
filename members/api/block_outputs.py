"""What the page blocks about the member say in the API."""

from typing import Any

from rest_framework import serializers


class TierStepOutput(serializers.Serializer[Any]):
    """One tier on the way."""

    name = serializers.CharField()
    state = serializers.ChoiceField(
        choices=[("on", "已达到"), ("now", "当前"), ("", "未达到")], allow_blank=True, help_text="空表示未达到"
    )


class CardOutput(serializers.Serializer[Any]):
    """The tier and how far the next one is."""

    name = serializers.CharField()
    rank = serializers.IntegerField()
    art = serializers.CharField(help_text="图标名")
    skin = serializers.CharField(help_text="卡面：t1 到 t4")
    growth = serializers.IntegerField(help_text="成长值")
    percent = serializers.IntegerField(help_text="本级进度百分比")
    next_name = serializers.CharField(allow_blank=True, help_text="下一等级；最高等级时为空")
    next_threshold = serializers.IntegerField(help_text="下一等级所需的成长值；最高等级时为 0")
    missing = serializers.IntegerField(help_text="距下一等级还差")
    missing_cents = serializers.IntegerField(help_text="约需消费（分）；店铺不显示金额时为 0")
    last_day = serializers.DateField(allow_null=True, help_text="等级有效期的最后一天；长期有效为 null")
    missing_to_keep = serializers.IntegerField(help_text="保级还差的成长值；已满足为 0")
    missing_to_keep_cents = serializers.IntegerField(help_text="保级约需消费（分）")
    steps = TierStepOutput(many=True)


class TierCardOutput(serializers.Serializer[Any]):
    """等级卡."""

    nickname = serializers.CharField()
    number = serializers.CharField(help_text="会员号")
    phone = serializers.CharField(help_text="打码后的手机号")
    avatar = serializers.CharField(help_text="头像名")
    avatar_url = serializers.CharField(help_text="头像图片地址")
    card = CardOutput()


class AssetsOutput(serializers.Serializer[Any]):
    """我的资产."""

    points = serializers.IntegerField(help_text="可用积分")
    growth = serializers.IntegerField(help_text="成长值")
    held = serializers.IntegerField(help_text="未付款订单冻结的积分")
    lapsing_points = serializers.IntegerField(help_text="即将到期的积分")
    lapsing_day = serializers.DateField(allow_null=True, help_text="最后可用的一天；没有为 null")


class PerkOutput(serializers.Serializer[Any]):
    """A benefit, the member's or the next tier's."""

    title = serializers.CharField()
    subtitle = serializers.CharField(allow_blank=True)
    icon = serializers.CharField(help_text="图标名")
    is_locked = serializers.BooleanField(help_text="升级后解锁")


class BenefitsOutput(serializers.Serializer[Any]):
    """等级权益."""

    tier_name = serializers.CharField()
    count = serializers.IntegerField(help_text="当前等级的权益数")
    perks = PerkOutput(many=True)


class MemberStripOutput(serializers.Serializer[Any]):
    """会员条. A visitor is asked to log in."""

    is_guest = serializers.BooleanField()
    points = serializers.IntegerField(required=False, help_text="可用积分；未登录时没有")
    card = CardOutput(required=False, help_text="未登录时没有")
