"""Members who can be reached, templates with ways, and providers that answer as told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from members.messaging import worker
from members.models import (
    Identity,
    Member,
    Message,
    MessageConsent,
    MessageDelivery,
    MessageEmail,
    MessageTemplate,
    SubscribeQuota,
    TemplateWay,
)
from members.rules.outcomes import Outcome, Result
from members.services.message_deliveries import Claim
from members.services.messages import send
from tests.members.factories import AT

SENT = Outcome(result=Result.SENT, ref="m1")
FIELDS = {"number1": "{points}", "thing2": "{reason}"}
CONTEXT = {"points": 100, "reason": "购物返积分"}


def a_way(way: str = "sms", *, template: str = "points_gained", **columns: Any) -> TemplateWay:
    """The template leaves the shop that way too."""
    row = MessageTemplate.objects.get(code=template)
    if way.startswith("wechat"):
        columns = {"remote_id": "tmpl", "fields": FIELDS, **columns}
    return TemplateWay.objects.create(template=row, way=way, **columns)


def a_marketing_template(*, code: str = "promo", **columns: Any) -> MessageTemplate:
    """A template of the merchant's own, by SMS too."""
    row = MessageTemplate.objects.create(
        code=code, name="促销", purpose="marketing", title="大促", body="{nickname}，大促开始了", **columns
    )
    TemplateWay.objects.create(template=row, way="sms")
    return row


def tell(member: Member, *, key: str = "k", at: datetime = AT, template: str = "points_gained", **context: Any) -> bool:
    """Send in a transaction."""
    with transaction.atomic():
        return send(member_id=member.pk, template=template, context=context or CONTEXT, key=key, at=at)


def agrees(member: Member, *, way: str = "sms", purpose: str = "marketing") -> MessageConsent:
    """The member's consent."""
    return MessageConsent.objects.create(member=member, way=way, purpose=purpose, given_at=AT, source="h5")


def on_wechat(member: Member, *, times: int = 1, provider: str = "wechat_mini") -> None:
    """The member has logged in at WeChat and allowed so many subscribe messages."""
    Identity.objects.create(
        member=member, provider=provider, openid=f"o{member.pk}", openid_index=f"{provider}{member.pk}", created_at=AT
    )
    if provider == "wechat_mini":
        SubscribeQuota.objects.create(member=member, remote_id="tmpl", remaining=times)


def by_email(member: Member, address: str = "shan@example.com") -> None:
    """The member's confirmed e-mail."""
    MessageEmail.objects.create(member=member, address=address, asked_at=AT, confirmed_at=AT)


def deliver(*, at: datetime = AT, limit: int = 100) -> int:
    """Hand over what is due at that moment."""
    return worker.deliver_due(clock=lambda: at, limit=limit)


def delivery(message_key: str = "k", way: str = "sms") -> MessageDelivery:
    return MessageDelivery.objects.get(message__key=message_key, way=way)


def states() -> list[tuple[str, str]]:
    """Way and state of every delivery, in order."""
    return list(MessageDelivery.objects.order_by("pk").values_list("way", "state"))


class Provider:
    """Answers as told, one answer per call (the last again and again), and remembers the calls."""

    def __init__(self, *answers: Outcome | BaseException) -> None:
        self.answers = list(answers) or [SENT]
        self.claims: list[Claim] = []

    def __call__(self, *, claim: Claim, at: datetime) -> Outcome:
        self.claims.append(claim)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer


Answering = Callable[..., Provider]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """`answering("sms", outcome, ...)` puts a provider behind that way."""

    def put(way: str, *answers: Outcome | BaseException) -> Provider:
        provider = Provider(*answers)
        monkeypatch.setattr(worker, "SENDERS", {**worker.SENDERS, way: provider})
        return provider

    return put


def later(**parts: float) -> datetime:
    """That much after AT."""
    return AT + timedelta(**parts)


def only_message() -> Message:
    return Message.objects.get()
