"""What callers of the members' endpoints may send."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from config.core.api_fields import TextField


@extend_schema_serializer(examples=[OpenApiExample("示例", {"phone": "13800000001"}, request_only=True)])
class PhoneInput(serializers.Serializer[Any]):
    """Where a code goes."""

    phone = TextField(what="手机号", most=40, help_text="中国大陆手机号；可带 +86、空格或短横")


@extend_schema_serializer(
    examples=[OpenApiExample("示例", {"phone": "13800000001", "code": "123456"}, request_only=True)]
)
class LoginInput(PhoneInput):
    """A phone and the code that was sent to it."""

    code = TextField(what="验证码", most=40, help_text="短信里的 6 位数字")


@extend_schema_serializer(
    examples=[OpenApiExample("示例", {"nickname": "小杉", "birthday": "1990-05-01"}, request_only=True)]
)
class ProfileInput(serializers.Serializer[Any]):
    """What a member may change about themselves; what is left out stays."""

    nickname = TextField(what="昵称", most=400, required=False, help_text="1 至 20 个字")
    birthday = serializers.DateField(
        required=False,
        error_messages=dict.fromkeys(("invalid", "null", "datetime"), "生日要写成 2000-01-31 的样子"),
        help_text="设置后不能自行修改",
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "示例",
            {
                "recipient": "王小杉",
                "phone": "13800000001",
                "region_code": "330106",
                "detail": "龙井路 1 号",
                "is_default": True,
            },
            request_only=True,
        )
    ]
)
class AddressInput(serializers.Serializer[Any]):
    """A delivery address."""

    recipient = TextField(what="收货人姓名", most=100)
    phone = TextField(what="手机号", most=40)
    region_code = TextField(what="地区代码", most=6, help_text="区县的 6 位行政区划代码，见 regions/")
    detail = TextField(what="详细地址", most=400, help_text="街道、门牌号")
    is_default = serializers.BooleanField(
        required=False,
        default=False,
        error_messages=dict.fromkeys(("invalid", "null"), "是否默认地址要写成 true 或 false"),
    )


class StatementQuery(serializers.Serializer[Any]):
    """Which entries of the statement are asked for.

    No django-filter here: only `points` touches the ledger's tables, and its reading takes the direction as a value.
    """

    direction = serializers.ChoiceField(
        choices=[("", "全部"), ("all", "全部"), ("earned", "获得"), ("spent", "使用"), ("lapsed", "过期")],
        required=False,
        allow_blank=True,
        default="all",
        error_messages={"invalid_choice": "没有这种明细"},
        help_text="只看一种流水；省略返回全部",
    )


class RegionQuery(serializers.Serializer[Any]):
    """Whose parts are asked for."""

    parent = serializers.CharField(  # type: ignore[assignment]  # a field of that name, not the serializer's parent
        required=False,
        allow_blank=True,
        default="",
        max_length=6,
        error_messages={"max_length": "地区代码是 6 位数字"},
        help_text="省或市的代码；省略返回所有省份",
    )
