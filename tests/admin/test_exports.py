"""The files that lists are exported to, of a shop that has at least one row of everything."""

import csv
import io

import pytest
from django.db.models import Model
from django.test import Client

from campaigns.models import Campaign, CheckIn
from members.models import Tier
from tests.admin.test_every_page import admin, labels, page
from tests.admin.test_lists import EXPORTED

pytestmark = pytest.mark.usefixtures("full_shop")


def exported(client: Client, model: type[Model], query: str = "") -> list[list[str]]:
    response = client.get(page(model, "export") + query)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv"
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("model", EXPORTED, ids=labels)
def test_the_file_has_a_line_for_each_row_and_no_markup(model: type[Model], owner: Client) -> None:
    rows = admin.site._registry[model].get_queryset(owner.get("/admin/").wsgi_request).count()
    header, *lines = exported(owner, model)
    assert len(lines) == rows > 0
    assert [line for line in lines if len(line) != len(header)] == []
    assert "<" not in "".join(cell for line in lines for cell in line)
    assert all(header)


def test_the_file_says_what_the_list_says(owner: Client) -> None:
    assert exported(owner, CheckIn)[0] == ["会员", "日期", "连续天数", "签到时间"]
    names = [line[0] for line in exported(owner, Tier)[1:]]
    assert names == ["青铜会员", "白银会员", "黄金会员", "钻石会员"]
    lines = exported(owner, Campaign, "?q=base")
    assert len(lines) == 2
    assert lines[1][1] == "订单完成"
