"""What a broadcast says: a box for each variable of the chosen template, by the name that staff gave it."""

from typing import Any, Final

from django import forms
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from unfold.widgets import INPUT_CLASSES

from members.admin.message_forms import known_variables
from members.models import MessageTemplate
from members.rules.payloads import NICKNAME
from members.rules.templates import KINDS, Variable

_PREFIX: Final = "values-"
_HINTS: Final = {"url": "本商城页面的路径，以 / 开头", "money": "单位：元", "moment": "写成 2026-11-30 18:00"}
_TYPES: Final = {"date": "date"}
_INPUT_MODES: Final = {"int": "numeric", "money": "decimal"}


def boxes_of(template: MessageTemplate) -> list[Variable]:
    """What a person fills in: the member's nickname comes by itself."""
    return [one for one in known_variables(template) if one is not NICKNAME]


class ValuesWidget(forms.Widget):
    """Boxes that follow the chosen template; each is sent under the name of its variable."""

    templates: dict[int, list[Variable]]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.templates = {}

    def __deepcopy__(self, memo: Any) -> "ValuesWidget":
        copy: ValuesWidget = super().__deepcopy__(memo)
        copy.templates = dict(self.templates)
        return copy

    @property
    def media(self) -> forms.Media:
        return forms.Media(js=[static("admin/broadcast-values.js")])

    def value_from_datadict(self, data: Any, files: MultiValueDict[str, Any], name: str) -> dict[str, str]:
        return {
            key.removeprefix(_PREFIX): str(data[key]).strip() for key in data if key.startswith(_PREFIX) and data[key]
        }

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(key.startswith(_PREFIX) for key in data)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        boxes = {pk: [_box(one) for one in variables] for pk, variables in self.templates.items()}
        context = {
            "boxes": boxes,
            "values": value if isinstance(value, dict) else {},
            "input_class": " ".join(INPUT_CLASSES),
        }
        return render_to_string("admin/members/broadcast_values.html", context)


class ValuesField(forms.Field):
    """What was typed, by variable; whether it fits, the template says."""

    widget = ValuesWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, help_text="会员昵称会自动填入，不用写", **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or {}) != (data or {}))


def _box(one: Variable) -> dict[str, str]:
    return {
        "name": f"{_PREFIX}{one.name}",
        "key": one.name,
        "label": one.title,
        "hint": _HINTS.get(one.kind, "") or ("" if one.kind in ("text", "date") else KINDS[one.kind]),
        "sample": one.sample,
        "type": _TYPES.get(one.kind, "text"),
        "mode": _INPUT_MODES.get(one.kind, "text"),
    }
