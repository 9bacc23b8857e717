"""What is wrong with a block's config, in sentences."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

_TYPES = {
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "true 或 false",
    "array": "列表",
    "object": "对象",
}


def broken_rules(*, config: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """A sentence for each place where `config` breaks the kind's schema, at most five."""
    errors = sorted(Draft202012Validator(schema).iter_errors(config), key=lambda error: list(map(str, error.path)))
    return [_sentence(error) for error in errors[:5]]


def _sentence(error: ValidationError) -> str:
    place = "".join(f"第 {part + 1} 项的" if isinstance(part, int) else f"「{part}」" for part in error.absolute_path)
    return f"{place or '配置'}{_reason(error)}"


def _reason(error: ValidationError) -> str:
    rule, wanted = error.validator, error.validator_value
    if rule == "required":
        missing = [name for name in wanted if name not in error.instance]
        return f"缺少：{'、'.join(missing)}"
    if rule == "additionalProperties":
        unknown = sorted(set(error.instance) - set(error.schema.get("properties", {})))
        return f"有不认识的项：{'、'.join(unknown)}"
    if rule == "type":
        return f"应为{_TYPES.get(str(wanted), str(wanted))}"
    if rule == "enum":
        return f"应为其中之一：{'、'.join(map(str, wanted))}"
    bounds = {"minimum": "不能小于", "maximum": "不能大于", "maxLength": "字数不能超过", "maxItems": "最多几项："}
    return f"{bounds[rule]} {wanted}" if rule in bounds else "不符合这个组件的格式"
