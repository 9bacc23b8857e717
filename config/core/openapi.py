"""How the API's answers are described: what a call returns, and every refusal with its code and sentence."""

import re
from collections import defaultdict
from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from config.core.conditional import ConditionalReads
from config.core.errors import DomainError, InvalidInput
from config.core.json_body import BodyTooLarge

_FACT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"(?<!^)(?=[A-Z])")
_NOT_LOGGED_IN: Final = (
    (401, "not_authenticated", "请先登录"),
    (401, "authentication_failed", "登录已失效，请重新登录"),
    (403, "permission_denied", "没有权限进行此操作"),
    (403, "consent_needed", "请先阅读并同意最新的隐私政策"),
    (403, "account_closing", "账号正在注销中，撤销注销后才能继续使用"),
)
_described: dict[str, type[DomainError]] = {BodyTooLarge.code: BodyTooLarge}  # every refusal that the schema names
_OF_ANY_CALL: Final = (("429", "throttled", "操作太频繁，请稍后再试（facts：seconds）"),)
_OF_BODIES: Final = (
    ("400", "parse_error", "请求内容无法解析"),
    ("400", "invalid", "输入有误，逐项写在 fields 里"),
    ("413", BodyTooLarge.code, "请求内容过大，最多 64 KB（facts：kilobytes）"),
    ("415", "unsupported_media_type", "请使用 JSON 格式"),
)
_OF_ADDRESSES: Final = (("404", "not_found", "内容不存在或已失效"),)
_RETRY_AFTER: Final = {"Retry-After": {"schema": {"type": "integer"}, "description": "多少秒后再试"}}
_ETAG: Final = {"ETag": {"schema": {"type": "string"}, "description": "内容的标识，供 If-None-Match 使用"}}
_IF_NONE_MATCH: Final = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "上次应答的 ETag；没有变化时返回 304",
}


class ApiSchema(AutoSchema):
    """Operations are called after their method and view: `get_orders`, `post_check_in`.

    What every call may be answered besides what its view says (too often, no JSON, nothing there) is added here.
    """

    def get_operation_id(self) -> str:
        noun = _WORD.sub("_", type(self.view).__name__.removesuffix("View")).lower()
        return f"{self.method.lower()}_{noun}"

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        has_body, has_path = "requestBody" in operation, "{" in self.path
        for status, code, sentence in _OF_ANY_CALL + _OF_BODIES * has_body + _OF_ADDRESSES * has_path:
            _add_refusal(operation["responses"], status, f"`{code}`：{sentence}")
        operation["responses"]["429"]["headers"] = _RETRY_AFTER
        if self.method == "GET" and isinstance(self.view, ConditionalReads):
            operation["responses"]["200"]["headers"] = _ETAG
            operation["responses"]["304"] = {"description": "内容没有变化（与 If-None-Match 相同）"}
            operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
        return operation


def _add_refusal(responses: dict[str, Any], status: str, line: str) -> None:
    """One more code that the status may have."""
    if status not in responses:
        body = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
        responses[status] = {"content": body, "description": line}
    elif line not in responses[status]["description"]:
        responses[status]["description"] += f"\n\n{line}"


class ErrorFacts(serializers.Serializer[Any]):
    """What a program may read of a refusal; which facts it has, follows from its code."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        meanings: dict[str, list[str]] = defaultdict(list)
        for code, refusal in sorted(_described.items()):
            for name, meaning in refusal.public_facts.items():
                meanings[name].append(f"{code}：{meaning}")
        meanings["seconds"].append("throttled：多少秒后再试")
        return {
            name: serializers.IntegerField(required=False, help_text="；".join(dict.fromkeys(told)))
            for name, told in sorted(meanings.items())
        }


class ErrorBody(serializers.Serializer[Any]):
    """What every refusal looks like."""

    code = serializers.CharField(help_text="稳定的错误代码，供程序判断")
    message = serializers.CharField(help_text="可直接展示给用户的中文说明")
    fields = serializers.DictField(  # type: ignore[assignment]  # a serializer has a property of that name
        child=serializers.ListField(child=serializers.CharField()), help_text="按字段列出的中文说明；没有时为空对象"
    )
    facts = ErrorFacts(help_text="供程序读取的数值；没有时为空对象")


def answers(
    ok: Any, *refusals: type[DomainError], status: int = 200, is_public: bool = False
) -> dict[int, OpenApiResponse | Any]:
    """Responses for `extend_schema`: `ok` and the refusals by status; those of a missing log-in unless it is public."""
    sentences: dict[int, list[str]] = defaultdict(list)
    for code, name, sentence in () if is_public else _NOT_LOGGED_IN:
        sentences[code].append(f"`{name}`：{sentence}")
    for refusal in dict.fromkeys(refusals):
        _described[refusal.code] = refusal
        sentences[refusal.http_status].append(f"`{refusal.code}`：{_sentence(refusal)}")
    described = {
        code: OpenApiResponse(ErrorBody, description="\n\n".join(lines)) for code, lines in sorted(sentences.items())
    }
    return {status: ok, **described}


def _sentence(refusal: type[DomainError]) -> str:
    """The refusal's sentence with an ellipsis for each fact, and the facts that programs may read."""
    if refusal is InvalidInput:
        return "输入有误，逐项写在 fields 里"
    sentence, facts = _FACT.sub("…", refusal.message), "、".join(refusal.public_facts)
    return f"{sentence}（facts：{facts}）" if facts else sentence
