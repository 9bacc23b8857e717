"""Which blocks stand on which page."""

from django.db import models

from config.core.staff_history import StaffHistory


class PageBlock(models.Model):
    """页面组件. One block placed on a page, in order, with its config."""

    class Page(models.TextChoices):
        HOME = "home", "首页"
        MEMBER_CENTRE = "member_centre", "会员中心"

    page = models.CharField("页面", max_length=20, choices=Page.choices)
    kind = models.CharField("组件", max_length=40)
    config = models.JSONField("配置", default=dict, blank=True)
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_enabled = models.BooleanField("启用", default=True)

    history = StaffHistory()

    class Meta:
        verbose_name = verbose_name_plural = "页面组件"
        indexes = [models.Index(fields=["page", "position", "id"], name="pageblock_order")]

    def __str__(self) -> str:
        return f"{self.get_page_display()} {self.kind}"
