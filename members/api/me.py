"""The member centre."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.conditional import ConditionalReads
from config.core.db import edge_transaction
from config.core.errors import InvalidInput
from config.core.openapi import answers
from members.api.auth import member_id_of
from members.api.inputs import ProfileInput
from members.api.outputs import CentreOutput, TierOutput
from members.selectors import centre, tiers
from members.selectors.periods import held_ask
from members.services import profiles
from members.values import benefit_tabs, tier_period_values


class MeView(APIView):
    """The caller."""

    @extend_schema(
        summary="会员中心",
        description="会员资料、等级与权益、成长进度、积分余额与即将到期的积分。",
        tags=["会员"],
        responses=answers(CentreOutput),
    )
    def get(self, request: Request) -> Response:
        """Show the caller's standing."""
        return Response(_centre(member_id_of(request)))

    @extend_schema(
        summary="修改会员资料",
        description="只改提交的字段。",
        tags=["会员"],
        request=ProfileInput,
        responses=answers(CentreOutput, InvalidInput, profiles.BirthdayIsFinal, profiles.BirthdayChangedRecently),
    )
    def patch(self, request: Request) -> Response:
        """Change what was sent."""
        member_id = member_id_of(request)
        sent = ProfileInput(data=request.data)
        sent.is_valid(raise_exception=True)
        change = profiles.ProfileChange(**sent.validated_data)
        with edge_transaction():
            profiles.save_profile(member_id=member_id, change=change, at=timezone.now())
        return Response(_centre(member_id))


class TiersView(ConditionalReads):
    """The ladder."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="等级与权益",
        description="全部会员等级，从低到高。",
        tags=["会员"],
        auth=[],
        responses=answers(TierOutput(many=True), is_public=True),
    )
    def get(self, request: Request) -> Response:
        """List all tiers."""
        return Response(TierOutput(tiers.tiers(), many=True).data)


def _centre(member_id: int) -> Any:
    at, who = timezone.now(), centre.profile(member_id=member_id)
    held = held_ask(member_id=member_id, growth_account=who.growth_account, at=at).answer()
    answer = {
        "member": who,
        "ladder": (ladder := centre.ladder_of(who=who, at=at)),
        "period": tier_period_values(ladder, held),
        "tiers": benefit_tabs(ladder, held),
        "points": centre.assets_of(who=who, at=at),
    }
    return CentreOutput(answer).data
