"""Request bodies of the API: JSON of bounded size and depth, whatever a client sends."""

import io
from collections.abc import Mapping
from typing import Any, BinaryIO, ClassVar, Final

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from config.core.errors import DomainError

LONGEST: Final = 64 * 1024


class BodyTooLarge(DomainError):
    """More was sent than any call of the API needs."""

    code: ClassVar[str] = "body_too_large"
    message: ClassVar[str] = "请求内容过大，最多 {kilobytes} KB"
    http_status: ClassVar[int] = 413
    public_facts: ClassVar[Mapping[str, str]] = {"kilobytes": "最大的 KB 数"}


class BoundedJSONParser(JSONParser):
    """JSON of at most `LONGEST` bytes: a longer body is refused without reading the rest of it."""

    def parse(
        self,
        stream: BinaryIO,  # type: ignore[override]  # the stubs name the text that Django's request is not
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(LONGEST + 1)
        if len(body) > LONGEST:
            raise BodyTooLarge(kilobytes=LONGEST // 1024)
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError as error:  # "[[[[…": deeper than the decoder goes
            raise ParseError from error
