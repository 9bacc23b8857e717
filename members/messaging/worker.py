"""Hands messages over, one at a time: claim, commit, call, settle."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

from config.core.db import edge_transaction
from members.messaging import emails, texts, wechat
from members.models import Way
from members.rules.outcomes import Outcome, Result
from members.services import message_deliveries as deliveries
from members.services.message_deliveries import Claim

logger = logging.getLogger(__name__)


class Sender(Protocol):
    """Hands one message to a provider and says what came of it; called outside any transaction, may take seconds."""

    def __call__(self, *, claim: Claim, at: datetime) -> Outcome: ...


SENDERS: Final[Mapping[str, Sender]] = {
    Way.WECHAT_SUBSCRIBE: wechat.send_subscribe,
    Way.WECHAT_OFFICIAL: wechat.send_official,
    Way.SMS: texts.send,
    Way.EMAIL: emails.send,
}


def deliver_due(*, clock: Callable[[], datetime], limit: int) -> int:
    """Hand over what is due, at most `limit` of it; how many were handed over. Several may work side by side."""
    with edge_transaction():
        deliveries.give_up_claims(at=clock())
    handed = 0
    for _ in range(limit):
        with edge_transaction():
            claim = deliveries.claim_next(at=clock())
        if claim is False:
            break
        if isinstance(claim, Claim):
            _hand_over(claim, clock)
            handed += 1
    return handed


def _hand_over(claim: Claim, clock: Callable[[], datetime]) -> None:
    outcome = _outcome(claim, clock())
    with edge_transaction():
        deliveries.settle(claim=claim, outcome=outcome, at=clock())


def _outcome(claim: Claim, at: datetime) -> Outcome:
    try:
        return SENDERS[claim.way](claim=claim, at=at)
    except Exception as error:  # a provider's answer that nobody foresaw: it may have arrived
        logger.error("a message met an error", extra={"delivery": claim.delivery_id, "reason": type(error).__name__})
        return Outcome(result=Result.UNKNOWN, reason=f"发送时出错（{type(error).__name__}）")
