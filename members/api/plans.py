"""Paid membership for apps: plans, the caller's membership and what it saved, trials, gift cards."""

import logging
from typing import Any

import redis
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.db import edge_transaction
from config.core.errors import InvalidInput, NotFound
from config.core.openapi import answers
from config.core.pagination import Page, PageQuery
from config.outbox.idempotency import REFUSALS, idempotent
from members.api.auth import member_id_of
from members.rules.benefits import kind_choices, words
from members.selectors.plans import load_plans, membership, savings
from members.services import gift_cards, subscriptions

logger = logging.getLogger(__name__)


class PlanBenefitOutput(serializers.Serializer[Any]):
    """One benefit of a plan."""

    kind = serializers.ChoiceField(choices=kind_choices())
    title = serializers.CharField()
    subtitle = serializers.CharField(source="note", allow_blank=True)
    amount = serializers.SerializerMethodField(help_text="程度，例如「9 折」；没有程度的为空")

    def get_amount(self, benefit: Any) -> str:
        """How much of it, in words."""
        return words(kind=benefit.kind, value=benefit.value)


class PlanOutput(serializers.Serializer[Any]):
    """One plan on sale."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    months = serializers.IntegerField(help_text="月数；0 为终身")
    price_cents = serializers.IntegerField(help_text="价格（分）")
    list_price_cents = serializers.IntegerField(allow_null=True, help_text="划线价（分）")
    trial_days = serializers.IntegerField(help_text="可试用的天数；0 为没有试用")
    welcome_words = serializers.CharField(allow_blank=True, help_text="开卡礼说明")
    refund_words = serializers.CharField(help_text="退会费规则，购买前须展示")
    refund_terms = serializers.CharField(help_text="该规则的标识，购买时原样传回")
    benefits = PlanBenefitOutput(many=True)


class PlanListOutput(serializers.Serializer[Any]):
    """All plans on sale."""

    items = PlanOutput(many=True)


class MembershipOutput(serializers.Serializer[Any]):
    """The caller's paid membership."""

    plan = PlanOutput(allow_null=True, help_text="正在生效的套餐；没有为 null")
    source = serializers.CharField(  # type: ignore[assignment]  # a field's own `source` isn't meant
        allow_blank=True, help_text="order、gift_card 或 trial；没有为空"
    )
    ends_at = serializers.DateTimeField(allow_null=True, help_text="有效期至，包含已续的时间；终身为 null")
    is_for_life = serializers.BooleanField()
    has_had_trial = serializers.BooleanField(help_text="已试用过")
    saved_cents = serializers.IntegerField(help_text="已省（分）")
    credit_cents = serializers.IntegerField(help_text="升级时剩余时间可抵扣（分）")


class SavingOutput(serializers.Serializer[Any]):
    """What membership saved on one order."""

    order_number = serializers.CharField()
    kind = serializers.CharField(help_text="discount 或 freight")
    title = serializers.CharField()
    cents = serializers.IntegerField(help_text="省下（分），已扣除退款的部分")
    at = serializers.DateTimeField()


class SavingPage(Page):
    """Savings, newest first."""

    items = SavingOutput(many=True)


class PaidTimeOutput(serializers.Serializer[Any]):
    """The paid time that was added."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="终身为 null")


@extend_schema_serializer(examples=[OpenApiExample("示例", {"code": "7K3M-PQ9W-XH4D-2RTA"}, request_only=True)])
class GiftCardInput(serializers.Serializer[Any]):
    """A gift card's code."""

    code = serializers.CharField(max_length=60, help_text="激活码，大小写、空格和横线不限")


class PlansView(APIView):
    """Plans."""

    @extend_schema(
        summary="会员套餐", description="在售的付费会员套餐。", tags=["会员"], responses=answers(PlanListOutput)
    )
    def get(self, request: Request) -> Response:
        """List the plans on sale."""
        return Response(PlanListOutput({"items": [plan for plan in load_plans() if plan.is_active]}).data)


class MembershipView(APIView):
    """The caller's paid membership."""

    @extend_schema(
        summary="我的付费会员",
        description="有效期、来源和已省金额。",
        tags=["会员"],
        responses=answers(MembershipOutput),
    )
    def get(self, request: Request) -> Response:
        """Show the caller's paid membership."""
        return Response(MembershipOutput(membership(member_id=member_id_of(request), at=timezone.now())).data)


class SavingsView(APIView):
    """What membership saved the caller."""

    @extend_schema(
        summary="已省明细",
        description="付费会员比等级权益多省下的金额，逐单列出，从新到旧，游标翻页。",
        tags=["会员"],
        parameters=[PageQuery],
        responses=answers(SavingPage, InvalidInput),
    )
    def get(self, request: Request) -> Response:
        """List what membership saved, order by order."""
        query = PageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        page = savings(member_id=member_id_of(request), before=_before(asked["cursor"]), limit=asked["limit"])
        following = "" if page.next_before is None else str(page.next_before)
        return Response(SavingPage({"items": page.rows, "next_cursor": following}).data)


class TrialView(APIView):
    """A trial."""

    @extend_schema(
        summary="开始试用",
        description="每人一次，且没有付费会员时间；到期自动结束。",
        tags=["会员"],
        request=None,
        responses=answers(
            PaidTimeOutput,
            NotFound,
            subscriptions.NotActive,
            subscriptions.TrialUsed,
            subscriptions.NoTrial,
            *REFUSALS,
            status=201,
        ),
    )
    @idempotent()
    def post(self, request: Request, plan_id: int) -> Response:
        """Begin the plan's trial."""
        added = subscriptions.start_trial(member_id=member_id_of(request), plan_id=plan_id, at=timezone.now())
        return Response(PaidTimeOutput(added).data, status=201)


class GiftCardsView(APIView):
    """Gift cards."""

    @extend_schema(
        summary="激活礼品卡",
        description="激活后会员时间接在现有时间之后。无效、已使用、作废和过期的激活码答复相同；每小时最多试 10 次。",
        tags=["会员"],
        request=GiftCardInput,
        responses=answers(
            PaidTimeOutput,
            InvalidInput,
            subscriptions.NotActive,
            gift_cards.WrongGiftCard,
            gift_cards.TooManyGiftCardTries,
            subscriptions.AlreadyForLife,
            status=201,
        ),
    )
    def post(self, request: Request) -> Response:
        """Turn a code into paid time; the same code gives the same member the same answer again."""
        sent = GiftCardInput(data=request.data)
        sent.is_valid(raise_exception=True)
        member_id = member_id_of(request)
        try:
            gift_cards.count_try(member_id=member_id)
        except redis.RedisError:
            logger.warning("tries of gift cards are not counted: Redis does not answer")
        with edge_transaction():
            added = gift_cards.activate(member_id=member_id, code=sent.validated_data["code"], at=timezone.now())
        return Response(PaidTimeOutput(added).data, status=201)


def _before(cursor: str) -> int | None:
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdigit()) or int(cursor) >= 2**63:
        raise InvalidInput(cursor="翻页位置无效，请刷新后重试")
    return int(cursor)
