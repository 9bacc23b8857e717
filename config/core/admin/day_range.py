"""From day to day, both of them included, in the shop's time."""

from datetime import date, timedelta
from typing import Any

from django.db.models import DateTimeField, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RangeDateFilter

from config.core.time import day_start


class DayRangeFilter(RangeDateFilter):
    """Unfold's filter compares an instant with the first moment of a day, so that the last day is left out."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        first, last = (_day(self.used_parameters.get(f"{self.parameter_name}_{end}")) for end in ("from", "to"))
        if not isinstance(self.field, DateTimeField):
            found = queryset.filter(**{f"{self.parameter_name}__gte": first}) if first else queryset
            return found.filter(**{f"{self.parameter_name}__lte": last}) if last else found
        if first:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": day_start(first)})
        if last:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": day_start(last + timedelta(days=1))})
        return queryset


def _day(text: Any) -> date | None:
    """The day that was chosen; None for an empty field and for what is no day."""
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        return None
    return day if day.year > 1 and day < date.max else None
