"""What check-in and receipts return."""

from typing import Any, Final

from rest_framework import serializers

DAY_STATES: Final = [("done", "已签到"), ("today", "今天"), ("ahead", "未到")]


class WeekDayOutput(serializers.Serializer[Any]):
    """One day of the running seven."""

    day = serializers.DateField()
    streak = serializers.IntegerField()
    points = serializers.IntegerField(help_text="已得或将得的积分")
    state = serializers.ChoiceField(choices=DAY_STATES)
    is_special = serializers.BooleanField(help_text="比平日多")


class CheckInOutput(serializers.Serializer[Any]):
    """The streak and its seven days."""

    streak = serializers.IntegerField(help_text="连续签到天数")
    is_done_today = serializers.BooleanField()
    points_today = serializers.IntegerField()
    receipt_id = serializers.IntegerField(allow_null=True, help_text="今天签到的凭证")
    days = WeekDayOutput(many=True)


class CheckedInOutput(serializers.Serializer[Any]):
    """What checking in brought."""

    day = serializers.DateField()
    streak = serializers.IntegerField()
    points = serializers.IntegerField()
    receipt_id = serializers.IntegerField(allow_null=True)


class ReceiptStepOutput(serializers.Serializer[Any]):
    """One step of the arithmetic."""

    icon = serializers.CharField()
    title = serializers.CharField(help_text="哪个活动或等级")
    text = serializers.CharField(help_text="怎么算的")
    value = serializers.CharField(help_text="算到这一步的结果")


class ReceiptSumOutput(serializers.Serializer[Any]):
    """All steps of one asset."""

    asset = serializers.CharField(help_text="points 或 growth")
    name = serializers.CharField()
    steps = ReceiptStepOutput(many=True)
    rounding = serializers.CharField(allow_blank=True, help_text="取整说明；没有为空")
    formula = serializers.CharField(allow_blank=True)
    total = serializers.IntegerField()


class NearlyOutput(serializers.Serializer[Any]):
    """A campaign that did not apply."""

    campaign = serializers.CharField()
    why = serializers.CharField()


class TakenBackOutput(serializers.Serializer[Any]):
    """A refund that took some of it back."""

    receipt_id = serializers.IntegerField()
    points = serializers.IntegerField()
    growth = serializers.IntegerField()
    at = serializers.DateTimeField()


class ReceiptOutput(serializers.Serializer[Any]):
    """Why something was given, step by step."""

    id = serializers.IntegerField()
    headline = serializers.CharField()
    what = serializers.CharField(help_text="付款、退款、签到 …")
    points = serializers.IntegerField()
    growth = serializers.IntegerField()
    at = serializers.DateTimeField(help_text="判定时间")
    created_at = serializers.DateTimeField(help_text="发放时间")
    order_number = serializers.CharField(allow_blank=True)
    sums = ReceiptSumOutput(many=True)
    nearly = NearlyOutput(many=True, help_text="差一点就能享受的活动")
    origin_id = serializers.IntegerField(allow_null=True, help_text="退款扣回时，原凭证的 id")
    taken_back = TakenBackOutput(many=True)
