"""The config of a page block is typed as JSON: whatever stands there is answered on the page."""

import json

import pytest
from django.test import Client

from mall.models import PageBlock

FORM = {"page": "home", "kind": "banner", "position": 1, "is_enabled": "on"}
BAD = {
    "no JSON": "{",
    "deeper than the decoder goes": "[" * 40_000,
    "deeper than any config": json.dumps({"title": json.loads("[" * 200 + "]" * 200)}),
    "a character that no database keeps": json.dumps({"title": "a\x00"}),
    "half a character": json.dumps({"title": "\ud800"}),
    "longer than any config": json.dumps({"title": "长" * 60_000}, ensure_ascii=False),
    "no number": '{"title": NaN}',
}


@pytest.mark.parametrize("config", BAD.values(), ids=BAD)
def test_json_that_is_none_is_answered_in_a_sentence(owner: Client, config: str) -> None:
    before = PageBlock.objects.count()
    page = owner.post("/admin/mall/pageblock/add/", FORM | {"config": config})
    assert page.status_code == 200
    assert "不是有效的 JSON，请检查引号、逗号和括号" in page.content.decode()
    assert PageBlock.objects.count() == before
