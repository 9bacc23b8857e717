"""When given points lapse."""

from datetime import datetime

from config.core.time import add_months, local_date, month_end


def expires_at(*, at: datetime, months: int) -> datetime | None:
    """The end of the Shanghai month that lies `months` after the giving; None when points never lapse."""
    return month_end(add_months(local_date(at), months)) if months else None
