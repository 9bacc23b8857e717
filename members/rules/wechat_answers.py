"""What WeChat's answer to a message means. Codes by its documents; what is not listed is refused for good."""

from collections.abc import Mapping
from typing import Final

from members.rules.outcomes import Outcome, Result

_FOR_NOW: Final[Mapping[int, str]] = {
    -1: "微信繁忙",
    40001: "微信凭证失效",
    40014: "微信凭证失效",
    42001: "微信凭证过期",
    45009: "今天调用微信的次数已用完",
    45011: "调用微信太频繁",
}
_UNWANTED: Final[Mapping[int, str]] = {
    43101: "会员没有订阅，或已拒收",
    43004: "会员没有关注公众号",
}
_REFUSED: Final[Mapping[int, str]] = {
    40003: "会员的 openid 不属于这个小程序或公众号",
    40037: "微信模板编号不存在",
    41030: "小程序里没有要打开的页面",
    43107: "这项订阅消息的能力已被微信封禁",
    43108: "微信不允许此时发送这条消息",
    45168: "命中微信的敏感词",
    47003: "字段内容不符合微信的要求",
}


def outcome_of(*, code: int, ref: str = "") -> Outcome:
    """The outcome behind an error code; 0: it was taken, as message `ref`."""
    if code == 0:
        return Outcome(result=Result.SENT, ref=ref)
    for result, words in (
        (Result.TRY_AGAIN, _FOR_NOW),
        (Result.UNWANTED, _UNWANTED),
        (Result.REFUSED, _REFUSED),
    ):
        if code in words:
            return Outcome(result=result, reason=f"{words[code]}（{code}）")
    return Outcome(result=Result.REFUSED, reason=f"微信拒绝（{code}）")
