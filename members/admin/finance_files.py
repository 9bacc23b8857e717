"""Finance's months as files: one line a month, points and yuan side by side, every column always there."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from tablib import Dataset

from config.core.admin.spreadsheets import ExcelCSV
from config.core.time import SHANGHAI
from config.core.workbook import Cell, Sheet, workbook
from members.admin.finance_rows import Row


def csv_file(rows: Sequence[Row], *, per_yuan: int, at: datetime) -> bytes:
    """CSV that Excel opens with its Chinese intact; the rate and the moment stand on each line."""
    made = f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    head, *lines = _table(rows)
    dataset = Dataset(*[[*line, per_yuan, made] for line in lines], headers=[*head, "积分/元", "导出时间"])
    return str(ExcelCSV().export_data(dataset)).encode()


def xlsx_file(rows: Sequence[Row], *, per_yuan: int, at: datetime, words: Sequence[str]) -> bytes:
    """A workbook: the months, and a sheet that says in words what they are."""
    made = f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    notes = [
        ["说明"],
        [f"折算比例：{per_yuan} 积分 = 1 元（导出时的比例）"],
        [f"导出时间：{made}"],
        *([one] for one in words),
    ]
    return workbook([Sheet(title="积分财务月报", rows=_table(rows)), Sheet(title="说明", rows=notes, width=110)])


def _table(rows: Sequence[Row]) -> list[list[Cell]]:
    titles = [figure.title for figure in rows[0].figures] if rows else []
    head: list[Cell] = ["月份", "状态", *(f"{one}（积分）" for one in titles), *(f"{one}（元）" for one in titles)]
    return [head, *(_line(row) for row in rows)]


def _line(row: Row) -> list[Cell]:
    points: list[Cell] = [figure.points for figure in row.figures]
    money: list[Cell] = [Decimal(figure.cents).scaleb(-2) for figure in row.figures]
    return [row.name, "已结" if row.is_closed else "未结", *points, *money]
