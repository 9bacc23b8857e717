"""Parts of pages that many people see alike: rendered once for all of them.

A fragment is made of values that are kept already (`config.core.keeping`) and is kept with them: under their key, which
names whatever they depend on, for as long as they. So a page that shows it can't be older than its values, nobody is
shown what was made for another audience, and the room for them is bounded. What names a person is never made a
fragment: no request goes into it, so there is no form token, message or cart in it either.
"""

import json
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast

from django.template.loader import get_template
from django.utils.safestring import SafeString

T = TypeVar("T")


class Fragment:
    """HTML of a template and plain values; rendered when a page first shows it, then remembered."""

    __slots__ = ("_html", "template", "values")

    def __init__(self, template: str, values: Mapping[str, Any]) -> None:
        self.template, self.values = template, values
        self._html: SafeString | None = None

    def __html__(self) -> SafeString:
        if self._html is None:
            self._html = cast(SafeString, get_template(self.template).render(dict(self.values)))
        return self._html

    __str__ = __html__


def alike(template: str, values: Mapping[str, Any]) -> Fragment:
    """The fragment of these values, the same one for all whose values are equal, as many members' often are.

    For values that are personal but say little: plain ones, as JSON has them. A template makes the same of the same,
    so what is remembered can't be stale.
    """
    return _alike(template, json.dumps(values, ensure_ascii=False))


@lru_cache(maxsize=500)
def _alike(template: str, text: str) -> Fragment:
    return Fragment(template, json.loads(text))


class Shared:
    """Base of frozen values that are kept for many: with room for what was made of them, which goes when they go."""

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """What `make` made of these values under that name; it may use nothing else that changes."""
        made: dict[Hashable, Any] = vars(self).setdefault("_made", {})
        if name not in made:
            made[name] = make()
        return cast(T, made[name])
