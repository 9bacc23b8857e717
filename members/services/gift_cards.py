"""Gift cards: codes are made and handed out once, kept as keyed hashes, and turned into paid time by who has one."""

import secrets
from datetime import datetime
from typing import Final

from config.core.crypto import blind_index
from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from config.core.windows import count_in_window
from members.models import GiftCard, GiftCardBatch
from members.rules.plans import CODE_ALPHABET, CODE_LENGTH, read_code, shown_code
from members.selectors.merging import current_member_id
from members.services import subscriptions
from members.services.locks import lock_members
from members.services.subscriptions import Added

_State = GiftCard.State
_TRIES: Final = 10
_SECONDS: Final = 3600


class WrongGiftCard(DomainError):
    """No card that can be activated has that code: unknown, used by somebody else, void or too late, all the same."""

    code = "wrong_gift_card"
    message = "激活码无效、已使用或已过期，请核对后再试"
    http_status = 400
    field = "code"


class TooManyGiftCardTries(DomainError):
    """Too many codes were tried within the hour."""

    code = "too_many_gift_card_tries"
    message = "尝试次数过多，请一小时后再试"
    http_status = 429
    field = "code"


class BatchExported(DomainError):
    """The codes of a batch are shown once."""

    code = "batch_exported"
    message = "该批次的激活码已导出过，系统不保存明文；如需更多请新建批次"


@transaction_required
def export(*, batch_id: int, user_id: int, at: datetime) -> list[str]:
    """Make the batch's codes and return them, once: only their hashes are kept. Raises BatchExported, NotFound."""
    batch = GiftCardBatch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise NotFound()
    if batch.exported_at is not None or batch.cards.exists():
        raise BatchExported()
    codes: set[str] = set()
    while len(codes) < batch.quantity:
        codes.add("".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)))
    ordered = sorted(codes)
    GiftCard.objects.bulk_create(
        [GiftCard(batch=batch, code_index=_index(code), last4=code[-4:]) for code in ordered], batch_size=1000
    )
    GiftCardBatch.objects.filter(pk=batch_id).update(exported_at=at, exported_by=user_id)
    return [shown_code(code) for code in ordered]


@transaction_required
def has_codes(*, batch_id: int) -> bool:
    """Whether its codes are made; nobody makes them before this transaction ends."""
    return GiftCardBatch.objects.select_for_update().filter(pk=batch_id, exported_at__isnull=False).exists()


def count_try(*, member_id: int) -> None:
    """Count one more code that the member tries, before it is looked at, outside any transaction.

    Raises TooManyGiftCardTries, and redis.RedisError when nobody counts.
    """
    if count_in_window(name=f"gift-card:{member_id}", seconds=_SECONDS).times > _TRIES:
        raise TooManyGiftCardTries()


@transaction_required
def activate(*, member_id: int, code: str, at: datetime) -> Added:
    """Turn the code into paid time of the member, or of whom they were merged into meanwhile; the same person gets the
    same answer again.

    Raises NotActive, WrongGiftCard for every code that brings nothing, AlreadyForLife.
    """
    member_id = current_member_id(member_id=member_id)
    subscriptions.require_active(lock_members([member_id])[member_id])
    card = _locked_card(code)
    if card is None:
        raise WrongGiftCard()
    if card.subscription is not None and card.member_id is not None:
        if current_member_id(member_id=card.member_id) != member_id:
            raise WrongGiftCard()
        row = card.subscription
        return Added(subscription_id=row.pk, starts_at=row.starts_at, ends_at=row.ends_at)
    expires_at = card.batch.expires_at
    if card.state != _State.ISSUED or (expires_at is not None and at >= expires_at):
        raise WrongGiftCard()
    key = f"gift-card:{card.pk}"
    added = subscriptions.give(member_id=member_id, plan_id=card.batch.plan_id, key=key, at=at)
    card.state, card.member_id, card.activated_at = _State.ACTIVATED, member_id, at
    card.subscription_id = added.subscription_id
    card.save(update_fields=["state", "member", "activated_at", "subscription"])
    return added


@transaction_required
def void(*, card_ids: list[int], at: datetime) -> int:
    """Make cards that nobody has activated worthless; how many were."""
    voided: int = GiftCard.objects.filter(pk__in=card_ids, state=_State.ISSUED).update(state=_State.VOID, voided_at=at)
    return voided


@transaction_required
def void_batch(*, batch_id: int, at: datetime) -> int:
    """Make all cards of a batch that nobody has activated worthless; how many were."""
    voided: int = GiftCard.objects.filter(batch=batch_id, state=_State.ISSUED).update(state=_State.VOID, voided_at=at)
    return voided


def _locked_card(code: str) -> GiftCard | None:
    index = _index(read_code(code))
    return GiftCard.objects.select_for_update(of=("self",)).select_related("batch").filter(code_index=index).first()


def _index(code: str) -> str:
    return blind_index(code, purpose="gift_card")
