"""What a refund takes back from what an order earned."""

from campaigns.rules.arithmetic import Step
from config.core.money import yuan

_ASSET_NAMES = {"points": "积分", "growth": "成长值"}


def clawback(*, earned: int, base: int, refunded_so_far: int, taken_before: int) -> int:
    """How much more is taken now: floor(earned × refunded so far / base) less what was taken before, never negative.

    Any split of the same refunds sums to the same total, and a full refund takes back everything.
    """
    if base <= 0:
        return 0
    due = earned * min(refunded_so_far, base) // base
    return max(due - taken_before, 0)


def clawback_steps(
    *, asset: str, earned: int, base: int, refunded_so_far: int, taken_before: int, taken: int
) -> list[Step]:
    """The arithmetic of `clawback` in words; empty when nothing was earned."""
    if not earned:
        return []
    refunded = min(refunded_so_far, base)
    text = f"{earned} {_ASSET_NAMES[asset]} × 已退 {yuan(refunded)} ÷ 计分 {yuan(base)}"
    due = Step(asset=asset, kind="clawback", campaign="退款扣回", text=text, value=str(-(taken + taken_before)))
    before = Step(asset=asset, kind="taken_before", campaign="此前已扣回", text=f"-{taken_before}", value=str(-taken))
    total = Step(asset=asset, kind="total", campaign="", text="本次扣回", value=str(-taken))
    return [due, before, total] if taken_before else [due, total]
