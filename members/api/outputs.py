"""What the members' endpoints return."""

from typing import Any

from rest_framework import serializers

from config.core.pagination import Page
from members.rules.benefits import KINDS
from members.values import avatar_url


class MemberOutput(serializers.Serializer[Any]):
    """The member, for their own eyes."""

    number = serializers.CharField(help_text="会员号")
    nickname = serializers.CharField()
    avatar = serializers.CharField(help_text="头像名")
    avatar_url = serializers.SerializerMethodField(help_text="头像图片地址")
    phone = serializers.CharField(source="masked_phone", help_text="打码后的手机号")
    birthday = serializers.CharField(allow_blank=True, help_text="YYYY-MM-DD（公历）；未填写为空")

    def get_avatar_url(self, who: Any) -> str:
        """Where the picture is."""
        return avatar_url(who.avatar)


class LoginOutput(serializers.Serializer[Any]):
    """A fresh token and whose it is."""

    token = serializers.CharField(help_text="放在请求头 Authorization: Bearer <token>；只返回这一次")
    expires_at = serializers.DateTimeField(help_text="到期时间；使用中会自动延长")
    is_new = serializers.BooleanField(help_text="是否刚刚注册")
    member = MemberOutput()


class MiniProgramOutput(serializers.Serializer[Any]):
    """Either a log-in, or a ticket for somebody who has to show a phone first."""

    login = LoginOutput(allow_null=True, help_text="已绑定的微信：登录结果；未绑定为 null")
    ticket = serializers.CharField(allow_null=True, help_text="未绑定的微信：换手机号时带上；已绑定为 null")
    ticket_expires_at = serializers.DateTimeField(allow_null=True, help_text="ticket 的失效时间")


class DeviceOutput(serializers.Serializer[Any]):
    """A device that is signed in."""

    id = serializers.IntegerField()
    name = serializers.CharField(help_text="设备名")
    channel = serializers.CharField(help_text="H5、小程序")
    address = serializers.CharField(allow_blank=True, help_text="打码后的网络地址")
    signed_in_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(help_text="最近使用，精确到小时")
    is_current = serializers.BooleanField(help_text="是否就是发出这次请求的设备")


class PasswordOutput(serializers.Serializer[Any]):
    """Whether the member can log in by password."""

    has_password = serializers.BooleanField()


class TillCodeOutput(serializers.Serializer[Any]):
    """A code for the till."""

    code = serializers.CharField(help_text="二维码的内容，全是数字")
    expires_at = serializers.DateTimeField(help_text="失效时间")


class BenefitOutput(serializers.Serializer[Any]):
    """One benefit of a tier."""

    kind = serializers.CharField(help_text="权益类型：" + "、".join(KINDS))
    value = serializers.DecimalField(max_digits=8, decimal_places=2, allow_null=True, help_text="按类型解读")
    title = serializers.CharField()
    subtitle = serializers.CharField(source="note", allow_blank=True)
    icon = serializers.CharField()


class RungOutput(serializers.Serializer[Any]):
    """A tier without its benefits."""

    code = serializers.CharField(source="rung.code")
    name = serializers.CharField(source="rung.name")
    rank = serializers.IntegerField(source="rung.rank")
    threshold = serializers.IntegerField(source="rung.threshold", help_text="达到该等级所需的成长值")
    color = serializers.CharField(help_text="卡面颜色")
    art = serializers.CharField(help_text="图标名")


class TierOutput(RungOutput):
    """A tier with what it gives."""

    benefits = BenefitOutput(many=True)


class PointsOutput(serializers.Serializer[Any]):
    """What a member has."""

    available = serializers.IntegerField(source="points", help_text="可用积分")
    pending = serializers.IntegerField(help_text="待生效的积分，暂不能使用")
    held = serializers.IntegerField(help_text="未付款订单冻结的积分")
    arrears = serializers.IntegerField(help_text="待抵扣的欠分")
    lapsing_points = serializers.IntegerField(help_text="即将到期的积分")
    lapsing_at = serializers.DateTimeField(allow_null=True, help_text="即将到期的时间；没有为 null")


class GrowthOutput(serializers.Serializer[Any]):
    """Where the member stands on the ladder."""

    value = serializers.IntegerField(source="growth", help_text="定级成长值")
    missing = serializers.IntegerField(source="progress.missing", help_text="距下一等级还差")
    percent = serializers.IntegerField(source="progress.percent", help_text="本级进度百分比")


class PeriodOutput(serializers.Serializer[Any]):
    """Until when the member has the tier, and what keeps it."""

    last_day = serializers.DateField(allow_null=True, help_text="有效期的最后一天；长期有效为 null")
    missing_to_keep = serializers.IntegerField(help_text="保级还差的成长值；已满足为 0")
    missing_to_keep_cents = serializers.IntegerField(help_text="保级约需消费（分）；店铺不显示金额时为 0")
    missing_cents = serializers.IntegerField(help_text="升级约需消费（分）；店铺不显示金额时为 0")


class TierPerkOutput(serializers.Serializer[Any]):
    """One benefit of a tier as members read it."""

    title = serializers.CharField()
    subtitle = serializers.CharField(allow_blank=True)
    icon = serializers.CharField(help_text="图标名")
    amount = serializers.CharField(allow_blank=True, help_text="例如 1.5 倍、95 折、每月 2 次")
    use = serializers.CharField(allow_blank=True, help_text="本月已用次数；不计次时为空")


class TierTabOutput(serializers.Serializer[Any]):
    """A tier with its benefits, the member's own or one that is still locked."""

    code = serializers.CharField()
    name = serializers.CharField()
    is_own = serializers.BooleanField()
    is_locked = serializers.BooleanField(help_text="升级后解锁")
    threshold = serializers.IntegerField()
    missing = serializers.IntegerField(help_text="还差的成长值")
    missing_cents = serializers.IntegerField(help_text="约需消费（分）")
    perks = TierPerkOutput(many=True)


class CentreOutput(serializers.Serializer[Any]):
    """The member centre in one answer."""

    member = MemberOutput()
    tier = TierOutput(source="ladder.current")
    next_tier = RungOutput(source="ladder.next", allow_null=True, help_text="最高等级时为 null")
    next_benefits = BenefitOutput(source="ladder.gained_next", many=True, help_text="升级后新增的权益")
    growth = GrowthOutput(source="ladder")
    period = PeriodOutput(help_text="等级有效期和保级条件")
    tiers = TierTabOutput(many=True, help_text="各等级的权益，由低到高")
    points = PointsOutput()


class AddressOutput(serializers.Serializer[Any]):
    """One delivery address of the caller."""

    id = serializers.IntegerField()
    recipient = serializers.CharField()
    phone = serializers.CharField()
    region_code = serializers.CharField()
    region = serializers.CharField(help_text="省 市 区")
    detail = serializers.CharField()
    is_default = serializers.BooleanField()


class EntryOutput(serializers.Serializer[Any]):
    """One entry of the statement."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    icon = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    kind = serializers.CharField(
        help_text="earn、confirm、spend、hold、release、restore、clawback、expire、repay、adjust …"
    )
    points = serializers.IntegerField(help_text="可用积分的增减")
    pending = serializers.IntegerField(help_text="待生效积分的增减")
    owed = serializers.IntegerField(help_text="欠分的增减")
    spendable_after = serializers.IntegerField(help_text="此后可用积分")
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name, as the ledger calls it
        allow_blank=True, help_text="来源，例如 order:88"
    )
    occurred_at = serializers.DateTimeField()


class EntryPage(Page):
    """A part of the statement, newest first."""

    items = EntryOutput(many=True)


class LotOutput(serializers.Serializer[Any]):
    """Points that were earned together."""

    points = serializers.IntegerField()
    remaining = serializers.IntegerField()
    earned_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="null 表示长期有效")


class DrawOutput(serializers.Serializer[Any]):
    """What was taken out of a lot (negative) or put back."""

    points = serializers.IntegerField()
    earned_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class EntryDetailOutput(serializers.Serializer[Any]):
    """One entry with the lots it made and drew on."""

    entry = EntryOutput(source="row")
    note = serializers.CharField(allow_blank=True, help_text="人工调整的说明")
    lots = LotOutput(many=True)
    draws = DrawOutput(many=True)
    receipt_entry_id = serializers.IntegerField(allow_null=True, help_text="解释它的凭证属于哪条流水；没有为 null")
    lapsed_before = serializers.IntegerField(help_text="扣回时已经过期的部分")
    forgiven = serializers.IntegerField(help_text="扣回时免除的部分")


class LapsingMomentOutput(serializers.Serializer[Any]):
    """Points that lapse together."""

    points = serializers.IntegerField()
    expires_at = serializers.DateTimeField(help_text="从这一刻起不能使用")
    last_day = serializers.DateField(help_text="可使用的最后一天（上海时间）")
    days_left = serializers.IntegerField(help_text="还剩几天；0 表示今天是最后一天")
    is_soon = serializers.BooleanField(help_text="是否 30 天内到期")


class PendingOutput(serializers.Serializer[Any]):
    """Points earned that can't be used yet."""

    entry_id = serializers.IntegerField(help_text="对应的流水")
    title = serializers.CharField()
    points = serializers.IntegerField()
    earned_at = serializers.DateTimeField()


class LapsingOutput(serializers.Serializer[Any]):
    """What lapses when."""

    available = serializers.IntegerField(help_text="可用积分")
    soon = serializers.IntegerField(help_text="其中 30 天内到期的")
    lasting = serializers.IntegerField(help_text="其中长期有效的")
    later = serializers.IntegerField(help_text="其中比所列时间更晚到期的")
    moments = LapsingMomentOutput(many=True, help_text="最早到期的在前，最多 36 个")
    pending = PendingOutput(many=True, help_text="待生效的积分，最多 20 笔")


class RegionOutput(serializers.Serializer[Any]):
    """A province, city or district."""

    code = serializers.CharField()
    name = serializers.CharField()
