"""Benefits that may be used so many times a month: each use is claimed, and given back when nothing came of it."""

from datetime import datetime

from config.core.db import fetch_one, transaction_required
from config.core.errors import DomainError
from members.models import BenefitUse
from members.rules.benefits import KINDS
from members.rules.periods import month_name
from members.selectors.standing import standing

# the lowest use of the month that nobody has; one that is being claimed is waited for, and then passed over
_CLAIM = """
INSERT INTO members_benefituse (member_id, kind, period, nth, source, at)
SELECT %(member)s, %(kind)s, %(period)s, free.nth, %(source)s, %(at)s FROM generate_series(1, %(most)s) AS free (nth)
WHERE NOT EXISTS (
    SELECT FROM members_benefituse AS used
    WHERE used.member_id = %(member)s AND used.kind = %(kind)s AND used.period = %(period)s AND used.nth = free.nth
) ORDER BY free.nth LIMIT 1
ON CONFLICT (member_id, kind, period, nth) DO NOTHING RETURNING nth
"""


class BenefitUsedUp(DomainError):
    """The month's uses of a benefit are gone, or the member has it no more."""

    code = "benefit_used_up"
    message = "本月{benefit}次数已用完，请重新确认金额后提交"


@transaction_required
def claim(*, member_id: int, kind: str, source: str, at: datetime) -> int | None:
    """Use the benefit once for `source` and say which of the month's uses it was; None when it is without limit.

    The same source again gets the same answer. Raises BenefitUsedUp.
    """
    before = BenefitUse.objects.filter(kind=kind, source=source).values_list("nth", flat=True).first()
    if before is not None:
        return before
    effects = standing(member_id=member_id, at=at).effects
    most = effects.value_of(kind)
    if effects.has(kind) and most is None:
        return None
    params = {"member": member_id, "kind": kind, "period": month_name(at=at), "source": source, "at": at}
    for _ in range(int(most or 0)):  # every loss of a race leaves one use fewer
        won = fetch_one(_CLAIM, {**params, "most": int(most or 0)})
        if won is not None:
            return int(won[0])
    raise BenefitUsedUp(benefit=KINDS[kind].title)


@transaction_required
def give_back(*, kind: str, source: str) -> bool:
    """Undo the use that `source` claimed; False when it had claimed none."""
    return BenefitUse.objects.filter(kind=kind, source=source).delete()[0] == 1
