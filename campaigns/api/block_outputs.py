"""What the campaigns' page blocks say in the API."""

from typing import Any

from rest_framework import serializers

from campaigns.api.outputs import DAY_STATES


class BlockDayOutput(serializers.Serializer[Any]):
    """One day of the seven."""

    name = serializers.CharField(help_text="今天、周一 …")
    points = serializers.IntegerField(help_text="已得或将得的积分")
    state = serializers.ChoiceField(choices=DAY_STATES)
    art = serializers.CharField(help_text="图标名")


class CheckInWeekOutput(serializers.Serializer[Any]):
    """签到."""

    streak = serializers.IntegerField(help_text="连续签到天数")
    is_done_today = serializers.BooleanField()
    points_today = serializers.IntegerField()
    hint = serializers.CharField()
    days = BlockDayOutput(many=True)


class NoticeOutput(serializers.Serializer[Any]):
    """A campaign that runs."""

    name = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    icon = serializers.CharField(help_text="图标名")
    tag = serializers.CharField(allow_blank=True, help_text="今日有效、进行中")


class CampaignNoticesOutput(serializers.Serializer[Any]):
    """活动提醒."""

    title = serializers.CharField()
    notices = NoticeOutput(many=True)


class InvitationRewardsOutput(serializers.Serializer[Any]):
    """What inviting earns, and what the member has got by it."""

    rules = serializers.ListField(child=serializers.CharField(), help_text="正在进行的邀请活动，每条一句")
    points = serializers.IntegerField(help_text="邀请和分享共得的积分，已减去扣回的")
    pending = serializers.IntegerField(help_text="其中待生效的积分")


class NewcomerGiftsOutput(serializers.Serializer[Any]):
    """What a newcomer gets."""

    gifts = serializers.ListField(child=serializers.CharField(), help_text="每条一句")
