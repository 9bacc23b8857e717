"""What staff type at the second step."""

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

_WIDGET = UnfoldAdminTextInputWidget(
    attrs={"autocomplete": "one-time-code", "inputmode": "text", "autocapitalize": "characters", "spellcheck": "false"}
)


class CodeForm(forms.Form):
    """A code of the app or a backup code."""

    code = forms.CharField(
        label="验证码",
        max_length=40,
        widget=_WIDGET,
        error_messages={"required": "请输入验证码", "max_length": "验证码是 6 位数字，备用码是 10 个字母和数字"},
    )
    code.widget.attrs["autofocus"] = True


class FirstCodeForm(forms.Form):
    """The code that shows that the app knows the secret."""

    code = forms.CharField(
        label="应用里显示的 6 位数字",
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": "请输入验证码", "max_length": "验证码是 6 位数字"},
    )
