"""Why the ledger says no. Nothing has been written when one of these is raised; the caller's transaction lives on."""

from typing import Any

from config.core.errors import DomainError


class AccountNotFound(DomainError):
    """No account has that id."""

    code = "account_not_found"
    message = "积分账户不存在"
    http_status = 404


class AccountClosed(DomainError):
    """Nothing can be posted to a closed account. Facts: account, merged_into (null: it was closed, not merged)."""

    code = "account_closed"
    message = "积分账户已注销"


class EntryNotFound(DomainError):
    """No entry has that id."""

    code = "entry_not_found"
    message = "积分流水不存在"
    http_status = 404


class HoldNotFound(DomainError):
    """No hold has that id."""

    code = "hold_not_found"
    message = "冻结记录不存在"
    http_status = 404


class InsufficientPoints(DomainError):
    """Fewer points can be used than were asked for. Facts: available, requested."""

    code = "insufficient_points"
    message = "积分不足：可用 {available} 积分，需要 {requested} 积分"
    field = "points"


class KeyReused(DomainError):
    """The key was used with another meaning. Facts: key, and the entry that it made (absent inside one batch)."""

    code = "key_reused"
    message = "该请求标识已用于另一笔积分操作"


class InvalidAmount(DomainError):
    """The points are zero, negative where they must not be, or beyond what one posting may carry."""

    code = "invalid_amount"
    message = "积分数量无效"
    http_status = 400
    field = "points"


class InvalidKey(DomainError):
    """The key is empty, longer than 200 characters or holds a NUL."""

    code = "invalid_key"
    message = "请求标识无效"
    http_status = 400


class InvalidSource(DomainError):
    """The source is longer than 200 characters, the reason code longer than 64, or one holds a NUL."""

    code = "invalid_source"
    message = "来源或原因代码无效"
    http_status = 400


class InvalidExpiry(DomainError):
    """The points would expire before they are earned, or they are growth, which never expires."""

    code = "invalid_expiry"
    message = "到期时间必须晚于获得时间，成长值不设到期"
    http_status = 400
    field = "expires_at"


class NotSpendable(DomainError):
    """Growth decides the tier; it is never spent or held."""

    code = "not_spendable"
    message = "成长值不能消耗"


class NotReversible(DomainError):
    """Only what was asked for can be reversed: earn, spend, adjust, capture. Facts: entry, kind."""

    code = "not_reversible"
    message = "这笔流水不能冲正"


class AlreadyReversed(DomainError):
    """Nothing of the entry is left to reverse."""

    code = "already_reversed"
    message = "这笔流水已全部冲正"


class ReversalTooLarge(DomainError):
    """More would be reversed than is left of the entry. Facts: left, requested."""

    code = "reversal_too_large"
    message = "最多还能冲正 {left} 积分，请求了 {requested} 积分"
    field = "points"


class HoldClosed(DomainError):
    """The hold was captured or released before, in another way than asked. Facts: hold, status."""

    code = "hold_closed"
    message = "这笔冻结已经结束"


class HoldOpen(DomainError):
    """Points of an unpaid order are set aside: it has to be paid or cancelled first. Facts: account, held."""

    code = "hold_open"
    message = "还有 {held} 积分冻结在未完成的订单里，请先完成或取消订单"


class NotPending(DomainError):
    """The entry earned no pending points. Facts: entry, kind."""

    code = "not_pending"
    message = "这笔流水没有待生效的积分"


class InvalidMerge(DomainError):
    """Only two different accounts of one asset can be merged. Facts: source, target."""

    code = "invalid_merge"
    message = "只能合并两个不同的同类账户"
    http_status = 400


_BY_CODE: dict[str, type[DomainError]] = {
    refusal.code: refusal
    for refusal in (
        AccountClosed,
        AccountNotFound,
        AlreadyReversed,
        EntryNotFound,
        HoldClosed,
        HoldNotFound,
        HoldOpen,
        InsufficientPoints,
        InvalidAmount,
        InvalidExpiry,
        InvalidKey,
        InvalidMerge,
        InvalidSource,
        KeyReused,
        NotPending,
        NotReversible,
        NotSpendable,
        ReversalTooLarge,
    )
}


def refusal(code: str, facts: dict[str, Any]) -> DomainError:
    """The error for a code that the kernel returned."""
    return _BY_CODE[code](**facts)
