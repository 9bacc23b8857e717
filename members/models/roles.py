"""The roles that every shop starts with."""

from django.contrib.auth.models import Group
from django.db import models


class StaffRole(models.Model):
    """岗位角色. Which group of rights is the owner's, the marketer's… whatever the merchant calls it."""

    code = models.CharField("代码", max_length=20, unique=True)
    group = models.OneToOneField(Group, models.CASCADE, related_name="staff_role", verbose_name="角色")
    # the rights that it was once given: what the merchant took away since does not come back
    given = models.JSONField("已给过的权限", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "岗位角色"

    def __str__(self) -> str:
        return self.code
