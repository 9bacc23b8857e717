"""Gifts that benefits of tiers and plans promise: what they are called, and their arithmetic in words."""

from dataclasses import dataclass

from campaigns.rules.arithmetic import Step
from campaigns.rules.evaluate import Decision
from config.core.money import yuan
from members.rules.benefits import KINDS
from members.rules.plans import RefundRule


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What a benefit of a tier or plan owes a member for one period; `granted_by` is the code of tier or plan."""

    kind: str
    origin: str
    granted_by: str
    title: str
    period: str
    points: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether nothing in the shop can deliver it yet."""
        return self.kind in KINDS and KINDS[self.kind].is_waiting


@dataclass(frozen=True, kw_only=True)
class FeeReturned:
    """What went back of a plan's fee, and by which rule."""

    paid_cents: int
    refunded_cents: int
    rule: str


def gift_name(*, grantor: str, title: str) -> str:
    """黄金会员生日礼 for the 生日礼 of 黄金会员; a title that names the tier or plan already stays as it is."""
    short = grantor.removesuffix("会员")
    return title if not short or short in title else f"{grantor}{title}"


def decision_of(*, name: str, points: int) -> Decision:
    """Giving the points that the benefit states; campaigns have no part in it."""
    given = Step(asset="points", kind="fixed", campaign=name, text=f"+{points} 积分", value=str(points))
    total = Step(asset="points", kind="total", campaign="", text="合计", value=str(points))
    return Decision(points=points, steps=(given, total))


def taken_back_steps(*, name: str, points: int, taken: int, fee: FeeReturned) -> tuple[Step, Step]:
    """Why so much of a welcome gift went back with the fee."""
    text = f"退会费，{points} 积分全部扣回"
    if fee.rule == RefundRule.PRO_RATA and fee.paid_cents > 0:
        text = f"{points} 积分 × 已退会费 {yuan(fee.refunded_cents)} ÷ 实付会费 {yuan(fee.paid_cents)}"
    back = Step(asset="points", kind="clawback", campaign=f"{name}扣回", text=text, value=str(-taken))
    return back, Step(asset="points", kind="total", campaign="", text="本次扣回", value=str(-taken))
