"""The form of a segment: conditions put together by choosing, or a list of members in a file."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminRadioSelectWidget

from members.models import Segment
from members.ports import SegmentField, segment_fields
from members.rules.segments import InvalidRule, decode
from members.selectors.segments import RuleRefused, names
from members.services.segments import check_codes, check_rule

_MOST_BYTES = 50 << 20
_EMPTY: dict[str, Any] = {"match": "all", "groups": []}


class RuleWidget(forms.Textarea):
    """The rule builder: rows of field, comparison and value; what is submitted is JSON."""

    @property
    def media(self) -> forms.Media:
        return forms.Media(js=[static("admin/segment-rule.js")], css={"all": [static("admin/segment-rule.css")]})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rule = _read(value)
        return render_to_string(
            "admin/members/segment_rule.html",
            {
                "name": name,
                "rule": json.dumps(rule, ensure_ascii=False),
                "builder": {"fields": [_described(one) for one in segment_fields().values()], "names": _names_in(rule)},
                "count_url": reverse("admin:members_segment_count"),
                "choices_url": reverse("admin:members_segment_choices"),
            },
        )


class RuleField(forms.JSONField):
    """JSON of a rule's length and depth; what was sent in its place is a sentence, and the builder starts anew."""

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or value in self.empty_values:
            return super().to_python(value)
        try:
            return decode(value)
        except InvalidRule as error:
            raise ValidationError(error.text) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data if data is None else InvalidJSONInput(data)  # the widget reads it


def _read(value: Any) -> dict[str, Any]:
    try:
        data = decode(value) if isinstance(value, str) else value
    except InvalidRule:
        return _EMPTY
    return data if isinstance(data, dict) and isinstance(data.get("groups"), list) else _EMPTY


def _described(field: SegmentField) -> dict[str, Any]:
    shape = field.shape
    return {
        "name": shape.name,
        "label": shape.label,
        "group": field.group,
        "kind": shape.kind,
        "unit": shape.unit,
        "hasPeriod": shape.has_period,
        "operators": list(shape.operators.items()),
        "choices": field.choices() if field.choices is not None else None,
    }


def _names_in(rule: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Words of codes that are found by searching, by field; what is wrongly shaped has none."""
    found: dict[str, dict[str, str]] = {}
    for group in rule["groups"]:
        for one in group.get("conditions", []) if isinstance(group, dict) else []:
            field = segment_fields().get(str(one.get("field"))) if isinstance(one, dict) else None
            if field is not None and field.named is not None and isinstance(one.get("value"), list):
                found.setdefault(field.shape.name, {}).update(names(field.shape.name, [str(v) for v in one["value"]]))
    return found


class SegmentForm(forms.ModelForm):
    """A segment by rule or by list; the kind is chosen once."""

    file = forms.FileField(
        label="名单文件",
        required=False,
        help_text="Excel（xlsx）或 CSV，第一列是手机号或会员号，最多 20 万行",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx"}),
    )
    replaces = forms.ChoiceField(
        label="上传后",
        choices=[("", "追加到现有名单"), ("yes", "替换现有名单")],
        required=False,
        widget=UnfoldAdminRadioSelectWidget,
    )

    class Meta:
        model = Segment
        fields = ["name", "note", "kind", "is_enabled", "rule"]
        field_classes = {"rule": RuleField}
        widgets = {"rule": RuleWidget}

    def clean_file(self) -> Any:
        """A list of bounded size: 200,000 lines take a tenth of it."""
        file = self.cleaned_data.get("file")
        if file and file.size > _MOST_BYTES:
            raise ValidationError(f"名单文件最大 {_MOST_BYTES >> 20} MB，请拆成几个文件分次追加")
        return file

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if (values.get("kind") or self.instance.kind) == Segment.Kind.STATIC:
            values["rule"] = {}
            return values
        try:
            values["rule"] = check_rule(values.get("rule"), segment_id=self.instance.pk)
            check_codes(values["rule"])
        except RuleRefused as refusal:
            raise ValidationError({"rule": refusal.text}) from refusal
        return values
