"""Sets the demo shop up: staff, categories, products with pictures, running campaigns."""

from datetime import datetime
from pathlib import Path

from django.core.files.base import ContentFile

from campaigns.services import presets
from config.core.money import cents_from_yuan
from config.demo.goods import CATEGORIES, GOODS, Choice, Good
from config.demo_logins import DEMO_LOGINS
from mall.models import Category, Product, ProductImage, Sku
from mall.services import stock_adjustments
from members.models import User

PICTURES = Path(__file__).parent / "pictures"


def set_up(*, opened_at: datetime) -> None:
    """Everything that stands before the first member comes in; campaigns are live from `opened_at`."""
    User.objects.create_superuser(DEMO_LOGINS.staff_name, password=DEMO_LOGINS.staff_password, first_name="店长")
    categories = {
        slug: Category.objects.create(slug=slug, name=name, art=art, position=position)
        for position, (slug, name, art) in enumerate(CATEGORIES, start=1)
    }
    for position, good in enumerate(GOODS, start=1):
        add_good(good, categories[good.category], position=position, at=opened_at)
    presets.install_presets(at=opened_at, live_from=opened_at)


def add_good(good: Good, category: Category, *, position: int, at: datetime) -> Product:
    """The product with its picture, SKUs and stock."""
    product = Product.objects.create(
        category=category,
        name=good.name,
        subtitle=good.subtitle,
        description=good.text or f"{good.name}，{good.subtitle}。\n支持七天无理由退货，下单后 24 小时内发货。",
        is_on_sale=good.is_on_sale,
        is_redeemable=good.is_redeemable,
        position=position,
    )
    picture = ContentFile((PICTURES / f"{good.picture}.webp").read_bytes(), name=f"{good.picture}.webp")
    ProductImage.objects.create(product=product, image=picture)
    for number, choice in enumerate(good.choices, start=1):
        sku = _sku(product, choice, code=f"{good.category.upper()}-{position:02d}-{number}", position=number)
        stock_adjustments.adjust_stock(sku_id=sku.pk, store_id=None, change=choice.stock, at=at)
    return product


def _sku(product: Product, choice: Choice, *, code: str, position: int) -> Sku:
    return Sku.objects.create(
        product=product,
        code=code,
        label=choice.label,
        price_cents=cents_from_yuan(choice.price),
        list_price_cents=cents_from_yuan(choice.list_price) if choice.list_price else None,
        member_price_cents=cents_from_yuan(choice.member_price) if choice.member_price else None,
        redeem_points=choice.points,
        redeem_cash_cents=cents_from_yuan(choice.plus_cash),
        position=position,
    )
