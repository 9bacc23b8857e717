"""What a refund takes back from what an order earned."""


def clawback(*, earned: int, base: int, refunded_so_far: int, taken_before: int) -> int:
    """How much more is taken now: floor(earned × refunded so far / base) less what was taken before, never negative.

    Any split of the same refunds sums to the same total, and a full refund takes back everything.
    """
    if base <= 0:
        return 0
    due = earned * min(refunded_so_far, base) // base
    return max(due - taken_before, 0)
