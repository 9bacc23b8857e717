"""How staff write templates: variables and fields as lines, judged before they are saved, in Chinese sentences."""

from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from config.core.admin.picture_choices import icon_field
from config.core.random_numbers import public_number
from members.models import MessageTemplate, TemplateWay
from members.rules.payloads import NICKNAME, WayWords, faults
from members.rules.templates import KINDS, BadVariable, Variable, fault_in, path_fault_in, variables_of
from members.services.message_defaults import TEMPLATES

BUILT_IN = frozenset(one.code for one in TEMPLATES)
_KIND_OF = {word: kind for kind, word in KINDS.items()}
_LINES = {"rows": 4, "spellcheck": "false"}


def variable_lines(rows: list[dict[str, str]]) -> str:
    """{points} | 整数 | 积分 | 100, a line each."""
    return "\n".join(f"{{{row['name']}}} | {KINDS[row['kind']]} | {row['title']} | {row['sample']}" for row in rows)


def read_variables(text: str) -> list[dict[str, str]]:
    """The variables in such lines. Raises BadVariable."""
    rows = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if len(parts) != 4:
            raise BadVariable(f"「{line[:30]}」须分成四段，用 | 隔开：变量、类型、说明、示例")
        name, kind, title, sample = parts
        if kind not in _KIND_OF:
            raise BadVariable(f"类型「{kind}」须为 {'、'.join(KINDS.values())} 之一")
        rows.append({"name": name.strip("{}"), "kind": _KIND_OF[kind], "title": title, "sample": sample})
    variables_of(rows)
    return rows


def read_pairs(text: str) -> dict[str, str]:
    """Lines of 名称 = 内容. Raises BadVariable."""
    pairs = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, is_pair, value = line.partition("=")
        if not is_pair:
            raise BadVariable(f"「{line[:30]}」须写成 名称 = 内容")
        pairs[name.strip().strip("{}")] = value.strip()
    return pairs


class TemplateForm(forms.ModelForm):
    """A template; of one that comes with the shop the variables are what the shop fills in, and stay."""

    icon = icon_field("图标", initial="bell")
    variable_lines = forms.CharField(
        label="变量",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs=_LINES),
        help_text="每行一个变量，用 | 隔开四段：花括号里的变量名、类型、说明、示例；标题和正文里写同样的花括号即可填入",
    )
    link = forms.CharField(
        label="点击后打开",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="本商城页面的路径，以 / 开头；留空则没有“去看看”按钮",
    )

    class Meta:
        model = MessageTemplate
        fields = ["name", "purpose", "is_urgent", "is_enabled", "icon", "title", "body", "link"]
        widgets = {"body": UnfoldAdminTextareaWidget(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "variable_lines" in self.fields:
            self.fields["variable_lines"].initial = variable_lines(self.instance.variables)
            self.fields["variable_lines"].disabled = self.instance.code in BUILT_IN

    def clean_variable_lines(self) -> str:
        try:
            self.instance.variables = read_variables(self.cleaned_data["variable_lines"])
        except BadVariable as fault:
            raise forms.ValidationError(str(fault)) from fault
        return str(self.cleaned_data["variable_lines"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.instance.pk and self.instance.broadcasts.filter(state="running").exists():
            raise forms.ValidationError("正在用这个模板群发，请先暂停群发再修改")
        if values.get("is_urgent") and values.get("purpose") != "service":
            self.add_error("is_urgent", "只有服务通知可以标为紧急")
        if "variable_lines" not in self.errors:
            self._judge_texts(values)
        return values

    def _judge_texts(self, values: dict[str, Any]) -> None:
        known = known_variables(self.instance)
        for name in ("title", "body"):
            if fault := fault_in(values.get(name, ""), known):
                self.add_error(name, fault)
        if fault := path_fault_in(values.get("link", ""), known):
            self.add_error("link", fault)

    def save(self, commit: bool = True) -> MessageTemplate:
        self.instance.code = self.instance.code or f"own-{public_number(12)}"
        return super().save(commit)


def known_variables(template: MessageTemplate) -> list[Variable]:
    """What a template's texts may name; nothing while its variables are wrong."""
    try:
        return [*variables_of(template.variables), NICKNAME]
    except BadVariable:
        return [NICKNAME]


class WayForm(forms.ModelForm):
    """One way; WeChat's fields as lines."""

    field_lines = forms.CharField(
        label="平台模板字段",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={**_LINES, "rows": 3}),
        help_text="微信：每行一个字段，写成 字段名 = 内容，字段名与微信模板一致",
    )
    text = forms.CharField(
        label="内容",
        required=False,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="短信和邮件的正文，留空则与站内消息相同",
    )

    class Meta:
        model = TemplateWay
        fields = ["way", "is_enabled", "remote_id", "text"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "field_lines" in self.fields:
            pairs = (self.instance.fields or {}).items()
            self.fields["field_lines"].initial = "\n".join(f"{key} = {text}" for key, text in pairs)

    def clean_field_lines(self) -> str:
        try:
            self.instance.fields = _kept_braces(self.cleaned_data["field_lines"])
        except BadVariable as fault:
            raise forms.ValidationError(str(fault)) from fault
        return str(self.cleaned_data["field_lines"])


def _kept_braces(text: str) -> dict[str, str]:
    return {key: value for key, value in read_pairs(text).items() if key}


class WayFormSet(BaseInlineFormSet):
    """All ways of a template, judged with its variables."""

    def clean(self) -> None:
        super().clean()
        known = known_variables(self.instance)
        for form in self.forms:
            if (not form.has_changed() and not form.instance.pk) or form in self.deleted_forms or form.errors:
                continue
            row = form.instance
            words = WayWords(way=row.way, remote_id=row.remote_id, text=row.text, fields=row.fields)
            for column, sentence in faults(words, known).items():
                form.add_error("field_lines" if column == "fields" else column, sentence)
