"""Who shops in the demo: made-up nicknames with phones of the 138 0000 0xxx range, and how much they like to buy."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shopper:
    """`yuan_a_month` decides the tier they reach; `birthday` is month and day; `brought_by` a friend's nickname or the
    code of a channel."""

    phone: str
    nickname: str
    avatar: str
    joined_days_ago: int
    yuan_a_month: int
    birthday: str
    brought_by: str = ""


_ROWS = [
    ("周一诺", "girl", 175, 1900, "0612"),
    ("林深见鹿", "woman", 172, 7200, "1121"),
    ("阿拓", "man", 168, 1750, "0303"),
    ("南风知意", "curly", 160, 1300, "0918"),
    ("小满", "girl", 158, 260, "0520"),
    ("山野来信", "beard", 150, 420, "1208"),
    ("橘子汽水", "cat", 141, 300, "0701"),
    ("老陈家的猫", "cat", 133, 1500, "0229"),
    ("一口奶盖", "panda", 127, 220, "0415"),
    ("云边小卖部", "boy", 119, 520, "1010"),
    ("青团", "rabbit", 112, 180, "0405"),
    ("何以解忧", "man", 104, 9600, "0124"),
    ("晚安布丁", "woman", 96, 150, "0808"),
    ("半糖去冰", "curly", 83, 330, "0616"),
    ("李师傅", "grandpa", 74, 110, "1001"),
    ("桂花酒酿", "grandma", 61, 700, "0909"),
    ("海盐芝士", "girl", 45, 260, "0214"),
    ("追光的人", "boy", 30, 380, "0506"),
    ("麦穗", "person", 16, 120, "0930"),
    ("新来的小熊", "panda", 4, 0, "1225"),
    ("一盏茶", "man", 178, 620, "0317"),
    ("晨跑的鹿", "woman", 165, 900, "0722"),
    ("糯米糍", "rabbit", 147, 240, "1030"),
    ("远山淡影", "beard", 122, 1600, "0111"),
    ("小卷毛", "curly", 108, 190, "0828"),
    ("七月流火", "girl", 90, 450, "0707"),
    ("老街咖啡馆", "boy", 68, 800, "0425"),
    ("棉花糖", "cat", 52, 160, "1112"),
    ("北巷", "person", 38, 300, "0603"),
    ("阿木", "grandpa", 9, 210, "1201"),
]

_BROUGHT_BY = {
    "海盐芝士": "周一诺",
    "北巷": "周一诺",
    "追光的人": "周一诺",
    "麦穗": "xiaohongshu-shan",
    "新来的小熊": "周一诺",
    "阿木": "hangzhou-store",
    "七月流火": "xiaohongshu-shan",
    "半糖去冰": "hangzhou-store",
    "李师傅": "hangzhou-store",
    "老街咖啡馆": "xiaohongshu-shan",
    "桂花酒酿": "metro-poster",
    "棉花糖": "xiaohongshu-shan",
}

SHOPPERS = [
    Shopper(
        phone=f"138000000{number:02d}",
        nickname=nickname,
        avatar=avatar,
        joined_days_ago=days,
        yuan_a_month=yuan,
        birthday=birthday,
        brought_by=_BROUGHT_BY.get(nickname, ""),
    )
    for number, (nickname, avatar, days, yuan, birthday) in enumerate(_ROWS, start=1)
]
DEMO_MEMBER, BIG_SPENDER, REGULAR = SHOPPERS[0], SHOPPERS[1], SHOPPERS[7]
# one person twice: with a new phone, and with a phone that the counter mistyped by a digit
TWINS = [
    Shopper(
        phone=phone,
        nickname=nickname,
        avatar=avatar,
        joined_days_ago=days,
        yuan_a_month=0,
        birthday=birthday,
    )
    for phone, nickname, avatar, days, birthday in (
        ("13800000102", "林深见鹿", "woman", 12, "1121"),
        ("13800000098", "老陈家的猫", "cat", 6, "0229"),
    )
]

REGIONS = [
    ("330108", "江南大道 {n} 号"),
    ("310115", "世纪大道 {n} 号"),
    ("440305", "科苑路 {n} 号"),
    ("510107", "天府大道北段 {n} 号"),
]
CARRIERS = ["顺丰速运", "中通快递", "京东物流"]
