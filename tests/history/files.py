"""A till's export of our own making: every oddity of real ones in thirty lines, and a longer plain one."""

from datetime import datetime, timedelta
from pathlib import Path

MONDAY = datetime(2023, 1, 2, 9)  # noqa: DTZ001 (a till writes its wall clock)
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

# Line numbers count from 2. 2024-01-03, 01-10 and 03-20 are Wednesdays, 02-15 is a Thursday.
ODD_LINES = """\
I1,A1,红灯笼,10,2024-01-02 09:00:00,60.00,100,CN
I2,A1,红灯笼,10,2024-01-09 11:00:00,50.005,100,CN
I2,A2,蜡烛,3,2024-01-09 10:59:00,1.335,100,CN
I3,A1,红灯笼,1,2024-01-10 10:00:00,100.00,100,CN
I4,A3,杯子,2,2024-02-15 10:00:00,99.99,100,CN
I5,A3,杯子,40,2024-03-04 10:00:00,99.99,100,CN
I6,A3,杯子,1,2024-03-05 10:00:00,10.00,100,CN
C1,A3,杯子,-1,2024-03-06 10:00:00,10.00,100,CN
C2,A3,杯子,-20,2024-03-07 10:00:00,99.99,100,CN
C3,A1,红灯笼,-15,2024-03-08 10:00:00,60.00,100,CN
C3,A9,没买过,-1,2024-03-08 10:00:00,1.00,100,CN
C4,A2,蜡烛,-5,2024-03-09 10:00:00,1.335,100,CN
I7,A1,灯笼,1,2024-01-03 08:00:00,0.99,200,CN
C5,A1,灯笼,-1,2024-01-04 08:00:00,2.00,200,CN
C6,A1,红灯笼,-1,2024-01-04 09:00:00,2.00,300,CN
I8,A1,红灯笼,2,2024-01-05 12:00:00,30.00,,CN
C7,A1,红灯笼,-1,2024-01-06 12:00:00,30.00,,CN
I9,A1,红灯笼,3,2024-01-05 12:00:00,0,100,CN
A5,B,Adjust bad debt,1,2024-01-05 12:00:00,11062.06,,CN
I10,A1,丢失,-10,2024-01-05 12:00:00,0,,CN
I11,A1,红灯笼,abc,2024-01-05 12:00:00,1.00,100,CN
I12,A1,红灯笼
I13,,无编码,1,2024-01-05 12:00:00,1.00,100,CN
I14,A123456789012345678901234567890,长,1,2024-01-05 12:00:00,1.00,100,CN
I15,A1,红灯笼,1,2024-01-05 12:00:00,-1.00,100,CN
C8,A1,红灯笼,1,2024-01-05 12:00:00,1.00,100,CN
I7,A2,蜡烛,1,2024-01-03 08:00:00,1.00,100,CN
I16,A1,红灯笼,9999999999,2024-01-05 12:00:00,1.00,100,CN
I17,A2,蜡烛,1,2024-01-05T10:00:00+08:00,1.00,100,CN
I19,A2,蜡烛,1,2024-01-05 12:00:00,NaN,100,CN
I18,A1,红灯笼,1,2024-03-20 10:00:00,500.00,200,CN
"""

REJECTS = [
    (12, "C3", "找不到此前的购买"),
    (13, "C4", "退货数量超过此前的购买，超出部分未处理"),
    (15, "C5", "退款金额超过原订单行实付，超出部分未处理"),
    (16, "C6", "找不到此前的购买"),
    (18, "C7", "没有会员的退货，无法对应到原订单"),
    (19, "I9", "单价为 0，不是销售"),
    (20, "A5", "坏账调整（A 开头），不是销售"),
    (21, "I10", "数量不为正，且不是退货单"),
    (22, "I11", "数量、单价或时间无法识别"),
    (23, "I12", "列数不对"),
    (24, "I13", "缺少单据号或商品编码"),
    (25, "I14", "单据号、商品编码或会员编号过长"),
    (26, "I15", "单价为负"),
    (27, "C8", "退货单里数量不为负"),
    (28, "I7", "与同一单据前面的行不是同一位会员"),
    (29, "I16", "数量或金额过大"),
    (30, "I17", "数量、单价或时间无法识别"),
    (31, "I19", "数量、单价或时间无法识别"),
]


def odd_file(folder: Path) -> Path:
    """The thirty lines."""
    return write(folder / "till.csv", ODD_LINES)


def plain_file(folder: Path, *, customers: int, steps: int) -> Path:
    """Every customer buys or returns once a week, in `steps` steps; every fifth step gives something back."""
    lines = []
    for step in range(steps):
        for customer in range(customers):
            at = MONDAY + timedelta(weeks=step, days=customer % 7, minutes=customer)
            if step % 5 == 4:
                lines.append(f"C{step}x{customer},A{customer % 3},货,-1,{at},{customer + 20}.50,{customer + 1},CN")
            else:
                lines.append(f"I{step}x{customer},A{step % 3},货,2,{at},{customer * 40 + 20}.50,{customer + 1},CN")
    return write(folder / "plain.csv", "\n".join(lines))


def write(path: Path, lines: str, *, header: str = HEADER) -> Path:
    """A file with these lines under the header."""
    path.write_text(f"{header}\n{lines}", encoding="utf-8")
    return path
