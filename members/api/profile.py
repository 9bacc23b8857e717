"""The caller's profile and picture."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.api_fields import TextField
from config.core.db import edge_transaction
from config.core.errors import InvalidInput
from config.core.openapi import answers
from config.core.pictures import BadPicture
from members.api.auth import member_id_of
from members.selectors.profiles import WholeProfile, whole_profile
from members.services import avatars
from members.values import avatar_url


class InterestOutput(serializers.Serializer[Any]):
    """One interest that may be chosen."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    is_chosen = serializers.BooleanField()


class ProfileOutput(serializers.Serializer[Any]):
    """The caller's profile."""

    number = serializers.CharField(help_text="会员号")
    nickname = serializers.CharField()
    avatar = serializers.CharField(help_text="头像名")
    avatar_url = serializers.SerializerMethodField(help_text="头像图片地址")
    phone = serializers.CharField(source="masked_phone", help_text="打码后的手机号")
    gender = serializers.CharField(allow_blank=True, help_text="female、male 或空")
    birthday = serializers.CharField(allow_blank=True, help_text="YYYY-MM-DD，按 birthday_calendar 的历法；未填写为空")
    birthday_calendar = serializers.CharField(help_text="solar 公历、lunar 农历")
    birthday_is_leap = serializers.BooleanField(help_text="农历闰月")
    birthday_is_final = serializers.BooleanField(help_text="商家不允许会员自行修改")
    birthday_from = serializers.DateField(allow_null=True, help_text="从这一天起可以修改；随时可改为 null")
    region_code = serializers.CharField(allow_blank=True)
    region = serializers.CharField(allow_blank=True, help_text="省 市 区")
    interests = InterestOutput(many=True, help_text="可选的兴趣")
    missing = serializers.ListField(child=serializers.CharField(), help_text="资料还缺什么")
    is_completed = serializers.BooleanField(help_text="是否曾经完善过资料")

    def get_avatar_url(self, who: WholeProfile) -> str:
        """Where the picture is."""
        return avatar_url(who.avatar)


@extend_schema_serializer(examples=[OpenApiExample("示例", {"avatar": "panda"}, request_only=True)])
class AvatarInput(serializers.Serializer[Any]):
    """One of the pictures that come with the shop."""

    avatar = TextField(what="头像名", most=40, help_text="person、woman、man、girl、boy、panda、cat、rabbit 等")


class PictureInput(serializers.Serializer[Any]):
    """A picture, as multipart/form-data."""

    image = serializers.FileField(
        error_messages=dict.fromkeys(("required", "invalid", "no_name", "empty", "null"), "请选择一张图片"),
        help_text="JPG、PNG、WebP 或 GIF，10 MB 以内；裁成方形并重新编码，照片里的位置等信息会被去掉",
    )


class ProfileView(APIView):
    """What the caller says about themselves."""

    @extend_schema(
        summary="个人资料",
        description="完整的个人资料，以及还缺什么。修改用 PATCH me/。",
        tags=["会员"],
        responses=answers(ProfileOutput),
    )
    def get(self, request: Request) -> Response:
        """Show the caller's profile."""
        return Response(_profile(request))


class AvatarView(APIView):
    """One of the shop's pictures."""

    @extend_schema(
        summary="选用头像",
        description="选用商城自带的头像；上传过的照片会删除。",
        tags=["会员"],
        request=AvatarInput,
        responses=answers(ProfileOutput, InvalidInput),
    )
    def put(self, request: Request) -> Response:
        """Take one of the shop's pictures."""
        sent = AvatarInput(data=request.data)
        sent.is_valid(raise_exception=True)
        with edge_transaction():
            avatars.choose_avatar(member_id=member_id_of(request), avatar=sent.validated_data["avatar"])
        return Response(_profile(request))


class AvatarPictureView(APIView):
    """A picture of one's own."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        summary="上传头像",
        description="multipart/form-data，字段名 image。",
        tags=["会员"],
        request={"multipart/form-data": PictureInput},
        responses=answers(ProfileOutput, InvalidInput, BadPicture),
    )
    def put(self, request: Request) -> Response:
        """Store the upload, encoded anew."""
        sent = PictureInput(data=request.data)
        sent.is_valid(raise_exception=True)
        upload = sent.validated_data["image"]
        avatars.upload_avatar(member_id=member_id_of(request), upload=upload, size=upload.size)
        return Response(_profile(request))


def _profile(request: Request) -> Any:
    return ProfileOutput(whole_profile(member_id=member_id_of(request), at=timezone.now())).data
