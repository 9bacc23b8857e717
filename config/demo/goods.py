"""What the demo shop sells: categories, products, SKUs, prices in yuan."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A SKU: label, price, struck-through and member price in yuan, points price and cash on top where it can be
    redeemed."""

    label: str
    price: str
    list_price: str = ""
    member_price: str = ""
    points: int | None = None
    plus_cash: str = "0"
    stock: int = 200


@dataclass(frozen=True, kw_only=True)
class Good:
    """A product with its pictures and SKUs."""

    category: str
    name: str
    subtitle: str
    picture: str
    choices: tuple[Choice, ...]
    text: str = ""
    is_on_sale: bool = True

    @property
    def is_redeemable(self) -> bool:
        return any(choice.points for choice in self.choices)


CATEGORIES = [
    ("tea", "名茶咖啡", "cat-tea"),
    ("pastry", "糕点零食", "cat-pastry"),
    ("fruit", "鲜果蔬菜", "cat-fruit"),
    ("beauty", "美妆个护", "cat-beauty"),
    ("digital", "数码家居", "cat-digital"),
    ("fashion", "服饰箱包", "cat-fashion"),
    ("flower", "花植礼品", "cat-flower"),
    ("home", "居家日用", "package"),
]


def _one(price: str, list_price: str = "", **more: object) -> tuple[Choice, ...]:
    return (Choice(label="标准装", price=price, list_price=list_price, **more),)  # type: ignore[arg-type]


def _sizes(*rows: tuple[str, str], list_price: str = "") -> tuple[Choice, ...]:
    return tuple(Choice(label=label, price=price, list_price=list_price) for label, price in rows)


def _reward(points: int, price: str, *, plus_cash: str = "0", stock: int = 80) -> tuple[Choice, ...]:
    return (Choice(label="标准装", price=price, points=points, plus_cash=plus_cash, stock=stock),)


GOODS = [
    Good(
        category="tea",
        name="明前龙井礼盒",
        subtitle="一芽一叶，清明前手采",
        picture="teapot",
        choices=_sizes(("125 克 · 单罐", "209"), ("250 克 · 双罐礼盒", "398")),
        text="产自杭州西湖产区，清明前采摘，铁锅手工炒制。汤色嫩绿，栗香回甘。\n常温避光保存，保质期 18 个月。",
    ),
    Good(
        category="tea",
        name="手冲精品咖啡豆",
        subtitle="中浅烘焙 · 柑橘与红糖",
        picture="coffee",
        choices=_sizes(("227 克", "85"), ("454 克", "158"), list_price="98"),
        text="新鲜烘焙，下单后 48 小时内发货。建议研磨度：中细；水温 92 ℃。",
    ),
    Good(
        category="tea",
        name="茉莉花茶",
        subtitle="六窨一提，花香入骨",
        picture="teacup",
        choices=_sizes(("100 克", "68"), ("200 克", "128")),
    ),
    Good(
        category="tea",
        name="白瓷旅行茶具",
        subtitle="一壶四杯，收纳成包",
        picture="tea-set",
        choices=_one("168", "199"),
    ),
    Good(
        category="tea",
        name="黑糖珍珠奶茶组合",
        subtitle="6 杯装，开水冲泡即饮",
        picture="milk-tea",
        choices=_one("59.9", "72"),
    ),
    Good(
        category="pastry",
        name="广式莲蓉月饼",
        subtitle="双黄白莲蓉，八枚礼盒",
        picture="mooncake",
        choices=_sizes(("4 枚", "88"), ("8 枚礼盒", "168")),
    ),
    Good(
        category="pastry",
        name="草莓奶油切件蛋糕",
        subtitle="当日现做，门店冷链配送",
        picture="cake",
        choices=_one("38"),
    ),
    Good(
        category="pastry",
        name="72% 可可黑巧克力",
        subtitle="微苦，不腻",
        picture="chocolate",
        choices=_sizes(("100 克", "45"), ("300 克分享装", "119")),
    ),
    Good(category="pastry", name="百花蜂蜜", subtitle="成熟原蜜，波美度 42", picture="honey", choices=_one("69", "79")),
    Good(category="pastry", name="海盐黄油曲奇", subtitle="铁罐装 480 克", picture="cookie", choices=_one("49.9")),
    Good(
        category="fruit",
        name="当季大草莓",
        subtitle="单果 25 克以上，坏果包赔",
        picture="strawberry",
        choices=_sizes(("2 斤装", "49.9"), ("3 斤装", "69"), list_price="79"),
    ),
    Good(
        category="fruit", name="阳山水蜜桃", subtitle="8 枚礼盒，软糯多汁", picture="peach", choices=_one("88", "108")
    ),
    Good(category="fruit", name="牛油果", subtitle="6 只装，到手催熟两天", picture="avocado", choices=_one("39.9")),
    Good(category="fruit", name="阳光玫瑰葡萄", subtitle="2 串约 3 斤", picture="grapes", choices=_one("79", "99")),
    Good(
        category="fruit",
        name="时令蔬菜周套餐",
        subtitle="8 种约 10 斤，每周三配送",
        picture="broccoli",
        choices=_one("99"),
    ),
    Good(
        category="beauty",
        name="丝绒哑光口红",
        subtitle="显白不拔干",
        picture="lipstick",
        choices=_sizes(("01 枫叶红", "129"), ("02 豆沙粉", "129"), ("03 复古棕", "129"), list_price="159"),
    ),
    Good(
        category="beauty",
        name="神经酰胺保湿乳",
        subtitle="敏感肌可用 · 150 毫升",
        picture="lotion",
        choices=_one("169"),
    ),
    Good(category="beauty", name="精油手工皂", subtitle="薰衣草与橄榄油", picture="soap", choices=_one("29.9")),
    Good(
        category="digital",
        name="头戴式无线降噪耳机",
        subtitle="40 小时续航，双设备连接",
        picture="headphone",
        choices=_sizes(("曜石黑", "799"), ("云雾白", "799"), list_price="899"),
    ),
    Good(
        category="digital",
        name="复古腕表",
        subtitle="蓝宝石镜面 · 50 米防水",
        picture="watch",
        choices=_one("599", "699"),
    ),
    Good(category="digital", name="护眼台灯", subtitle="无频闪，四档色温", picture="lamp", choices=_one("199", "239")),
    Good(
        category="digital", name="大豆蜡香薰蜡烛", subtitle="雪松与琥珀 · 45 小时", picture="candle", choices=_one("79")
    ),
    Good(
        category="fashion",
        name="轻量城市双肩包",
        subtitle="可放 15 寸电脑，防泼水",
        picture="backpack",
        choices=_sizes(("墨绿", "259"), ("藏青", "259")),
    ),
    Good(
        category="fashion",
        name="缓震慢跑鞋",
        subtitle="单只 230 克",
        picture="shoe",
        choices=_sizes(("39 码", "369"), ("41 码", "369"), ("43 码", "369"), list_price="429"),
    ),
    Good(
        category="fashion", name="羊绒混纺围巾", subtitle="200 × 70 厘米", picture="scarf", choices=_one("239", "299")
    ),
    Good(
        category="fashion", name="晴雨两用折叠伞", subtitle="UPF 50+，自动开合", picture="umbrella", choices=_one("89")
    ),
    Good(
        category="flower",
        name="周周鲜花月卡",
        subtitle="每周一束，连送四周",
        picture="bouquet",
        choices=_one("158", "198"),
    ),
    Good(category="flower", name="多肉绿植盆栽", subtitle="带陶盆，懒人好养", picture="plant", choices=_one("35")),
    Good(category="pastry", name="黄油可颂", subtitle="每日现烤，4 只装", picture="croissant", choices=_one("28")),
    Good(category="pastry", name="海盐焦糖杯子蛋糕", subtitle="6 只装", picture="cupcake", choices=_one("58", "68")),
    Good(category="fruit", name="小台农芒果", subtitle="5 斤装，树上熟", picture="mango", choices=_one("49.9")),
    Good(category="fruit", name="车厘子", subtitle="JJ 级 2 斤", picture="cherry", choices=_one("129", "159")),
    Good(category="fruit", name="沙瓤番茄", subtitle="5 斤装，老味道", picture="tomato", choices=_one("29.9")),
    Good(
        category="digital",
        name="复古拍立得相机",
        subtitle="自动曝光，送 10 张相纸",
        picture="camera",
        choices=_one("1299", "1499"),
    ),
    Good(category="digital", name="掌上游戏机", subtitle="内置 200 款经典", picture="game", choices=_one("399")),
    Good(
        category="fashion",
        name="偏光太阳镜",
        subtitle="UV400，轻至 22 克",
        picture="sunglasses",
        choices=_one("159", "189"),
    ),
    Good(
        category="fashion",
        name="纯棉圆领 T 恤",
        subtitle="220 克重磅",
        picture="shirt",
        choices=_sizes(("M", "79"), ("L", "79"), ("XL", "79")),
    ),
    Good(category="flower", name="荷兰郁金香", subtitle="10 枝一束", picture="tulip", choices=_one("69")),
    Good(category="flower", name="向日葵花束", subtitle="5 枝，附卡片", picture="sunflower", choices=_one("49.9")),
    Good(
        category="home", name="晨光唤醒闹钟", subtitle="渐亮灯光叫早", picture="alarm-clock", choices=_one("89", "109")
    ),
    Good(
        category="home",
        name="水洗棉四件套",
        subtitle="亲肤透气",
        picture="bed",
        choices=_sizes(("1.5 米床", "299"), ("1.8 米床", "329"), list_price="399"),
    ),
    Good(category="home", name="单人懒人沙发", subtitle="可拆洗", picture="sofa", choices=_one("699")),
    Good(category="home", name="去污魔力海绵", subtitle="10 块装", picture="sponge", choices=_one("19.9")),
    Good(category="home", name="声波电动牙刷", subtitle="续航 60 天", picture="toothbrush", choices=_one("199", "259")),
    Good(
        category="flower",
        name="毛绒小熊",
        subtitle="会员积分专享",
        picture="teddy",
        choices=_reward(1200, "69"),
        is_on_sale=False,
    ),
    Good(
        category="pastry",
        name="每日坚果 7 袋",
        subtitle="积分兑换，一周的量",
        picture="peanuts",
        choices=_reward(600, "39.9"),
        is_on_sale=False,
    ),
    Good(
        category="digital",
        name="随身化妆镜灯",
        subtitle="积分 + 现金，划算",
        picture="mirror",
        choices=_reward(800, "99", plus_cash="29"),
        is_on_sale=False,
    ),
    Good(
        category="tea",
        name="双层玻璃品茗杯",
        subtitle="一对装",
        picture="juice",
        choices=_reward(500, "35"),
        is_on_sale=False,
    ),
    Good(
        category="fashion",
        name="登机行李箱",
        subtitle="20 寸，积分 + 现金",
        picture="luggage",
        choices=_reward(5000, "399", plus_cash="99", stock=30),
        is_on_sale=False,
    ),
    Good(
        category="flower",
        name="节日礼物盒",
        subtitle="含贺卡与包装",
        picture="gift-set",
        choices=_reward(300, "19.9"),
        is_on_sale=False,
    ),
]
