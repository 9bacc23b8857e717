"""Checking in."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.api.outputs import CheckedInOutput, CheckInOutput
from campaigns.selectors.check_ins import check_in_week
from campaigns.services.check_in import AlreadyCheckedIn, check_in
from config.core.openapi import answers
from config.outbox.idempotency import REFUSALS, idempotent
from members.api.auth import member_id_of


class CheckInView(APIView):
    """The streak."""

    @extend_schema(
        summary="签到状态",
        description="连续天数，以及前后七天已得和将得的积分。",
        tags=["签到"],
        responses=answers(CheckInOutput),
    )
    def get(self, request: Request) -> Response:
        """Show the streak."""
        return Response(CheckInOutput(check_in_week(member_id=member_id_of(request), at=timezone.now())).data)

    @extend_schema(
        summary="签到",
        description="每天一次，以上海时间为准。",
        tags=["签到"],
        request=None,
        responses=answers(CheckedInOutput, AlreadyCheckedIn, *REFUSALS, status=201),
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Check in today."""
        done = check_in(member_id=member_id_of(request), at=timezone.now())
        return Response(CheckedInOutput(done).data, status=201)
