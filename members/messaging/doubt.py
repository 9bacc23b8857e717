"""Whether a call that failed may have worked all the same."""

from members.outgoing import NoAnswer


def may_have_arrived(failure: Exception) -> bool:
    """Whether behind the refusal a call had begun and was not answered."""
    cause = failure.__context__
    return isinstance(cause, NoAnswer) and cause.has_arrived
