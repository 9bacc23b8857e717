"""What an app says of the link that led to it, and of the device it runs on."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from config.core.api_fields import TextField
from members.rules import invitations as rules
from members.rules.invitations import Touch


class TouchInput(serializers.Serializer[Any]):
    """Who or what brought a newcomer. It counts for a first registration alone; otherwise it is ignored."""

    invite_code = TextField(
        what="邀请码", most=40, required=False, allow_blank=True, help_text="好友的邀请码；仅首次注册有效"
    )
    channel_code = TextField(
        what="渠道代码", most=40, required=False, allow_blank=True, help_text="推广渠道的代码；仅首次注册有效"
    )
    touched_at = serializers.DateTimeField(
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "null", "date", "overflow", "make_aware"), "首次打开时间要写成 2026-11-18T12:00:00+08:00 的样子"
        ),
        help_text="首次打开邀请或推广链接的时间；省略表示现在",
    )


def touch_in(given: dict[str, Any], *, at: datetime) -> Touch:
    """What validated input of `TouchInput` says; a link that was opened in the future was opened now."""
    return Touch(
        invite_code=rules.clean_invite_code(given.get("invite_code", "")),
        channel_code=rules.clean_channel_code(given.get("channel_code", "")),
        touched_at=min(given.get("touched_at") or at, at),
        device=given.get("device_id", ""),
    )
