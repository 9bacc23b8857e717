"""What is shown: categories, products, pictures, SKUs."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from config.core.staff_history import StaffHistory


class Category(models.Model):
    """商品分类."""

    name = models.CharField("名称", max_length=20, unique=True)
    slug = models.SlugField("代码", unique=True)
    art = models.CharField("图标", max_length=40, default="package")
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_visible = models.BooleanField("显示", default=True)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "商品分类"

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """商品. What a page shows; what is sold is one of its SKUs."""

    category = models.ForeignKey(Category, models.PROTECT, related_name="products", verbose_name="分类")
    name = models.CharField("名称", max_length=120)
    subtitle = models.CharField("卖点", max_length=60, blank=True)
    description = models.TextField("图文详情", blank=True)
    is_on_sale = models.BooleanField("上架", default=False, help_text="在商城里用现金购买")
    is_redeemable = models.BooleanField("积分兑换", default=False, help_text="在积分商城里用积分兑换")
    is_virtual = models.BooleanField(
        "虚拟商品", default=False, editable=False
    )  # a membership plan: sold on its own page
    is_exclusive = models.BooleanField(
        "会员专享", default=False, help_text="只有指定等级或套餐的会员能买；都不指定时，有「专享商品」权益的会员能买"
    )
    exclusive_tier = models.ForeignKey(
        "members.Tier", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="该等级及以上可买"
    )
    exclusive_plan = models.ForeignKey(
        "members.Plan", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="该套餐的会员可买"
    )
    on_sale_from = models.DateTimeField(
        "开售时间", null=True, blank=True, help_text="不填为随时可买；有「提前购」权益的会员可提前若干小时购买"
    )
    sold_count = models.PositiveIntegerField("销量", default=0)
    position = models.PositiveIntegerField("排序", default=0)
    source = models.CharField("来源系统", max_length=40, blank=True)
    external_ref = models.CharField("来源编号", max_length=80, blank=True)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    history = StaffHistory(excluded_fields=["sold_count"])

    class Meta:
        verbose_name = verbose_name_plural = "商品"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_ref"], condition=~Q(external_ref=""), name="product_source_ref_once"
            ),
            models.CheckConstraint(
                condition=Q(is_virtual=False) | Q(is_on_sale=False, is_redeemable=False),
                name="product_virtual_off_the_shelves",
                violation_error_message="会员套餐在会员页面销售，不能上架或兑换",
            ),
            models.CheckConstraint(
                condition=Q(is_exclusive=True) | Q(exclusive_tier=None, exclusive_plan=None),
                name="product_exclusive_to_somebody",
                violation_error_message="指定了等级或套餐，请同时勾选「会员专享」",
            ),
        ]
        indexes = [
            models.Index(fields=["category", "position", "id"], name="product_category_position"),
            models.Index(fields=["position", "id"], condition=Q(is_on_sale=True), name="product_on_sale_position"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="product_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductImage(models.Model):
    """商品图片. Decoded, bounded and re-encoded when uploaded; the first is the cover."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="images", verbose_name="商品")
    image = models.ImageField("图片", upload_to="products/")
    position = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "商品图片"
        indexes = [models.Index(fields=["product", "position", "id"], name="productimage_position")]

    def __str__(self) -> str:
        return self.image.name or ""


class Sku(models.Model):
    """规格. What is priced, stocked and sold."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="skus", verbose_name="商品")
    code = models.CharField("规格编码", max_length=40, unique=True)
    label = models.CharField("规格名称", max_length=60, default="标准", help_text="例如：250 克 · 礼盒装")
    price_cents = models.BigIntegerField("售价（分）")
    list_price_cents = models.BigIntegerField("划线价（分）", null=True, blank=True)
    member_price_cents = models.BigIntegerField("会员价（分）", null=True, blank=True)
    redeem_points = models.BigIntegerField("兑换积分", null=True, blank=True)
    redeem_cash_cents = models.BigIntegerField("兑换另付（分）", default=0)
    is_active = models.BooleanField("启用", default=True)
    position = models.PositiveSmallIntegerField("排序", default=0)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "规格"
        constraints = [
            models.CheckConstraint(condition=Q(price_cents__gte=0), name="sku_price_not_negative"),
            models.CheckConstraint(
                condition=Q(member_price_cents__isnull=True)
                | Q(member_price_cents__gt=0, member_price_cents__lte=F("price_cents")),
                name="sku_member_price_in_range",
                violation_error_message="会员价应大于 0，且不高于售价",
            ),
            models.CheckConstraint(
                condition=Q(redeem_points__isnull=True) | Q(redeem_points__gt=0), name="sku_redeem_points"
            ),
            models.CheckConstraint(condition=Q(redeem_cash_cents__gte=0), name="sku_redeem_cash_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"
