"""What callers of the members' endpoints may send."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from config.core.api_fields import FlagField, IdField, TextField
from members.api.touches import TouchInput


@extend_schema_serializer(examples=[OpenApiExample("示例", {"phone": "13800000001"}, request_only=True)])
class PhoneInput(serializers.Serializer[Any]):
    """Where a code goes."""

    phone = TextField(what="手机号", most=40, help_text="中国大陆手机号；可带 +86、空格或短横")


class DeviceInput(serializers.Serializer[Any]):
    """What the app says of its device; the member sees it in the list of devices."""

    device_name = TextField(
        what="设备名", most=60, required=False, allow_blank=True, help_text="例如 iPhone 15；不填时从 User-Agent 推断"
    )
    device_id = TextField(
        what="设备标识",
        most=128,
        required=False,
        allow_blank=True,
        help_text="小程序为这台设备生成并保存的随机标识；同一设备不重复计邀请，换了设备登录会提醒会员",
    )


@extend_schema_serializer(
    examples=[OpenApiExample("示例", {"phone": "13800000001", "code": "123456"}, request_only=True)]
)
class LoginInput(PhoneInput, DeviceInput, TouchInput):
    """A phone and the code that was sent to it."""

    code = TextField(what="验证码", most=40, help_text="短信里的 6 位数字")
    ticket = TextField(
        what="登录凭据",
        most=2000,
        required=False,
        help_text="sessions/mini-program/ 给的 ticket；登录成功后绑定该微信，下次直接登录",
    )


class SecretField(TextField):
    """A password as it was typed: spaces count."""

    def __init__(self, **options: Any) -> None:
        super().__init__(what="密码", most=1000, trim_whitespace=False, **options)


@extend_schema_serializer(
    examples=[OpenApiExample("示例", {"phone": "13800000001", "password": "一个好记的长密码"}, request_only=True)]
)
class PasswordLoginInput(PhoneInput, DeviceInput):
    """A phone and its password."""

    password = SecretField(help_text="登录密码")


@extend_schema_serializer(examples=[OpenApiExample("示例", {"code": "123456"}, request_only=True)])
class CodeInput(serializers.Serializer[Any]):
    """A code that was sent to the caller's phone."""

    code = TextField(what="验证码", most=40, help_text="短信里的 6 位数字")


@extend_schema_serializer(
    examples=[OpenApiExample("示例", {"code": "123456", "password": "一个好记的长密码"}, request_only=True)]
)
class PasswordInput(CodeInput):
    """A code and the new password."""

    password = SecretField(help_text="至少 8 位，不能太常见，不能包含手机号")


@extend_schema_serializer(
    examples=[OpenApiExample("示例", {"code": "0a3X…", "device_name": "iPhone 15"}, request_only=True)]
)
class MiniProgramInput(DeviceInput):
    """What wx.login gave."""

    code = TextField(what="微信登录 code", most=128, help_text="wx.login 返回的 code，5 分钟内有效，只能用一次")


@extend_schema_serializer(
    examples=[OpenApiExample("示例", {"ticket": "2026:…", "phone_code": "e31968…"}, request_only=True)]
)
class PhoneButtonInput(DeviceInput, TouchInput):
    """A ticket, and what the phone button gave."""

    ticket = TextField(what="登录凭据", most=2000, help_text="sessions/mini-program/ 给的 ticket")
    phone_code = TextField(what="手机号 code", most=128, help_text="getPhoneNumber 按钮返回的 code，不是 wx.login 的")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "示例",
            {
                "nickname": "小杉",
                "birthday": "1990-05-01",
                "gender": "female",
                "region_code": "330106",
                "interests": [],
            },
            request_only=True,
        )
    ]
)
class ProfileInput(serializers.Serializer[Any]):
    """What a member may change about themselves; what is left out stays."""

    nickname = TextField(what="昵称", most=400, required=False, help_text="1 至 20 个字")
    birthday = TextField(
        what="生日", most=10, required=False, help_text="YYYY-MM-DD，按 birthday_calendar 的历法；一年只能修改一次"
    )
    birthday_calendar = serializers.ChoiceField(
        choices=[("solar", "公历"), ("lunar", "农历")],
        required=False,
        error_messages=dict.fromkeys(("invalid_choice", "null"), "历法为 solar 或 lunar"),
        help_text="与 birthday 一起提交；农历生日每年按农历庆祝",
    )
    birthday_is_leap = FlagField(what="是否闰月", required=False, help_text="农历闰月")
    gender = serializers.ChoiceField(
        choices=[("", "保密"), ("female", "女"), ("male", "男")],
        required=False,
        allow_blank=True,
        error_messages=dict.fromkeys(("invalid_choice", "null"), "性别为 female、male 或空"),
    )
    region_code = TextField(
        what="地区代码", most=6, required=False, allow_blank=True, help_text="区县代码，见 regions/；空为清除"
    )
    interests = serializers.ListField(
        child=IdField(sentence="没有这个兴趣"),
        required=False,
        max_length=50,
        error_messages=dict.fromkeys(("not_a_list", "null", "max_length"), "兴趣要写成编号的列表"),
        help_text="全部兴趣的编号，整体替换",
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
    is_default = FlagField(what="是否默认地址", required=False, default=False)


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
