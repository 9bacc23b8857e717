"""Where benefits of paid membership join those of the tier: `members.selectors.standing` reads both in one query."""

from datetime import datetime

from django.db.models import Expression, JSONField, Value

from members.rules.benefits import Terms
from members.selectors.sessions import SignedIn


def plan_benefits_in_rows(*, at: datetime | None) -> Expression:
    """For a query of members: what the active subscription of each grants, as JSON rows {kind, value, title, subtitle,
    icon, config}; `at` None: as of now."""
    return Value([], output_field=JSONField())


def plan_benefits_of(*, member: SignedIn) -> tuple[Terms, ...]:
    """What the plan of who is signed in grants, to be shown: up to settings.SHELF_SECONDS old. No query when kept."""
    return ()
