"""The ledger's tables. The SQL kernel alone writes rows (`points/sql/`); Python reads, writes by `points.ledger`."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


def _holds(function: str, *columns: str) -> models.Func:
    """A rule that a function of the kernel words: long expressions in a CHECK are slow (points/sql/0027)."""
    return models.Func(*map(F, columns), function=function, output_field=models.BooleanField())


class Asset(models.TextChoices):
    """资产. What an account holds."""

    POINTS = "points", "积分"
    GROWTH = "growth", "成长值"


class Kind(models.TextChoices):
    """流水类型. What an entry books; those without a key follow from a hold, a closing or another entry."""

    EARN = "earn", "获得"
    CONFIRM = "confirm", "生效"
    SPEND = "spend", "消耗"
    ADJUST = "adjust", "人工调整"
    RESTORE = "restore", "退还"
    CLAWBACK = "clawback", "扣回"
    HOLD = "hold", "冻结"
    CAPTURE = "capture", "扣减"
    RELEASE = "release", "解冻"
    EXPIRE = "expire", "过期"
    REPAY = "repay", "抵欠"
    MERGE_OUT = "merge_out", "合并转出"
    MERGE_IN = "merge_in", "合并转入"
    CLOSE = "close", "销户"


class HoldStatus(models.TextChoices):
    """冻结状态. A hold closes once, by a capture or by a release."""

    OPEN = "open", "冻结中"
    CAPTURED = "captured", "已扣减"
    RELEASED = "released", "已解冻"


class Account(models.Model):
    """积分账户. Four buckets of one asset; each equals the sum of the entries' column.

    A closed account is empty for good. One that was merged is closed, and its keys and reversals live on in the account
    it was `merged_into`; `has_absorbed` tells that account to look for keys among its sources.
    """

    asset = models.CharField("资产", max_length=16, choices=Asset)
    spendable = models.BigIntegerField("可用", db_default=0)
    pending = models.BigIntegerField("待生效", db_default=0)
    held = models.BigIntegerField("冻结", db_default=0)
    arrears = models.BigIntegerField("欠分", db_default=0)
    latest_at = models.DateTimeField("最近业务时间", null=True)
    opened_at = models.DateTimeField("开户时间", db_default=Now())
    closed_at = models.DateTimeField("销户时间", null=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, verbose_name="并入账户", null=True, related_name="sources", db_index=False
    )
    has_absorbed = models.BooleanField("曾并入其他账户", db_default=False)

    class Meta:
        verbose_name = "积分账户"
        verbose_name_plural = "积分账户"
        constraints = [
            models.CheckConstraint(condition=Q(spendable__gte=0), name="points_account_spendable_not_negative"),
            models.CheckConstraint(condition=Q(pending__gte=0), name="points_account_pending_not_negative"),
            models.CheckConstraint(condition=Q(held__gte=0), name="points_account_held_not_negative"),
            models.CheckConstraint(condition=Q(arrears__gte=0), name="points_account_arrears_not_negative"),
            models.CheckConstraint(condition=Q(arrears=0) | Q(spendable=0), name="points_account_owes_or_has"),
            models.CheckConstraint(
                condition=_holds(
                    "ledger_account_adds_up",
                    *["id", "asset", "spendable", "pending", "held", "arrears", "closed_at", "merged_into"],
                ),
                name="points_account_adds_up",
            ),
        ]
        indexes = [
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="points_account_merged_into"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_asset_display()}账户 {self.pk}"


class Entry(models.Model):
    """积分流水. One signed vector over the four buckets; appended, never edited.

    `points` is the size of what was done (for a reversal: how much of the reversed entry it undoes), `requested` what
    the caller asked for (null: all that is left). A clawback says how much had lapsed before and how much was forgiven;
    a closing says which arrears were forgiven.
    """

    # The trigger that keeps entries away from closed accounts also looks whether there is one: a foreign key would
    # look for it once more.
    account = models.ForeignKey(Account, models.PROTECT, verbose_name="账户", db_index=False, db_constraint=False)
    kind = models.CharField("类型", max_length=16, choices=Kind)
    points = models.BigIntegerField("数量")
    requested = models.BigIntegerField("请求数量", null=True)
    spendable = models.BigIntegerField("可用变动", db_default=0)
    pending = models.BigIntegerField("待生效变动", db_default=0)
    held = models.BigIntegerField("冻结变动", db_default=0)
    arrears = models.BigIntegerField("欠分变动", db_default=0)
    lapsed = models.BigIntegerField("已过期抵扣", db_default=0)
    forgiven = models.BigIntegerField("免除", db_default=0)
    spendable_after = models.BigIntegerField("变动后可用")
    key = models.CharField("幂等键", max_length=200, null=True)  # noqa: DJ001 (null: it follows from another entry)
    source = models.CharField("来源", max_length=200)
    reason = models.CharField("原因代码", max_length=64, db_default="")
    occurred_at = models.DateTimeField("业务时间")
    recorded_at = models.DateTimeField("入账时间", db_default=Now())
    reverses = models.ForeignKey(
        "self", models.PROTECT, verbose_name="冲正的流水", null=True, related_name="reversals", db_index=False
    )
    caused_by = models.ForeignKey(
        "self", models.PROTECT, verbose_name="起因流水", null=True, related_name="consequences", db_index=False
    )

    class Meta:
        verbose_name = "积分流水"
        verbose_name_plural = "积分流水"
        constraints = [
            models.UniqueConstraint(fields=["account", "id"], name="points_entry_of_account"),
            models.UniqueConstraint(
                fields=["account", "key"], condition=Q(key__isnull=False), name="points_entry_key_once"
            ),
            models.UniqueConstraint(
                fields=["caused_by"], condition=Q(kind=Kind.CONFIRM), name="points_entry_confirmed_once"
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(kind__in=[Kind.MERGE_OUT, Kind.CLOSE]), name="points_entry_closes_once"
            ),
            models.CheckConstraint(
                condition=_holds(
                    "ledger_entry_adds_up",
                    *["kind", "points", "spendable", "pending", "arrears", "lapsed", "forgiven", "spendable_after"],
                ),
                name="points_entry_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["reverses"], condition=Q(reverses__isnull=False), name="points_entry_reverses"),
            models.Index(fields=["caused_by"], condition=Q(caused_by__isnull=False), name="points_entry_caused_by"),
            BrinIndex(fields=["occurred_at"], name="points_entry_occurred", autosummarize=True),
            BrinIndex(fields=["recorded_at"], name="points_entry_recorded", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.points}"


class Lot(models.Model):
    """积分批次. Points that were earned together and expire together; `origin` is the lot they first came from."""

    account = models.ForeignKey(Account, models.PROTECT, verbose_name="账户", db_index=False, db_constraint=False)
    entry = models.ForeignKey(Entry, models.PROTECT, verbose_name="流水", related_name="lots", db_constraint=False)
    origin = models.ForeignKey("self", models.PROTECT, verbose_name="原批次", null=True, db_index=False)
    points = models.BigIntegerField("数量")
    remaining = models.BigIntegerField("剩余")
    pending = models.BooleanField("待生效", db_default=False)
    earned_at = models.DateTimeField("获得时间")
    expires_at = models.DateTimeField("到期时间", null=True)
    # what the indexes ask: it stays as it is while something remains, so that a draw needs no new index entries
    is_open = models.GeneratedField(
        expression=Q(remaining__gt=0),  # type: ignore[arg-type]  # the stubs know expressions only
        output_field=models.BooleanField("有剩余"),
        db_persist=True,
    )

    class Meta:
        verbose_name = "积分批次"
        verbose_name_plural = "积分批次"
        constraints = [
            models.UniqueConstraint(fields=["account", "id"], name="points_lot_of_account"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("points")), name="points_lot_remaining_within_points"
            ),
            models.CheckConstraint(condition=Q(points__gt=0), name="points_lot_points_positive"),
        ]
        indexes = [
            models.Index(
                fields=["account", "expires_at", "earned_at", "id"],
                condition=Q(is_open=True),
                name="points_lot_spending_order",
            ),
            models.Index(
                fields=["expires_at", "account", "id"],
                condition=Q(is_open=True, pending=False),
                name="points_lot_lapses",
            ),
            models.Index(fields=["origin"], condition=Q(origin__isnull=False), name="points_lot_origin"),
        ]

    def __str__(self) -> str:
        return f"批次 {self.pk}: {self.remaining}/{self.points}"


class Draw(models.Model):
    """批次分摊. How much of an entry left a lot (negative) or came back to it (positive); appended, never edited."""

    account = models.ForeignKey(Account, models.PROTECT, verbose_name="账户", db_index=False, db_constraint=False)
    entry = models.ForeignKey(Entry, models.PROTECT, verbose_name="流水", related_name="draws", db_constraint=False)
    lot = models.ForeignKey(Lot, models.PROTECT, verbose_name="批次", related_name="draws", db_constraint=False)
    points = models.BigIntegerField("数量")

    class Meta:
        verbose_name = "批次分摊"
        verbose_name_plural = "批次分摊"
        constraints = [models.CheckConstraint(condition=~Q(points=0), name="points_draw_not_zero")]

    def __str__(self) -> str:
        return f"{self.points:+d}"


class Hold(models.Model):
    """积分冻结. Points reserved by an unpaid order; `until` only allows the sweeper to release them."""

    account = models.ForeignKey(Account, models.PROTECT, verbose_name="账户", db_index=False, db_constraint=False)
    entry = models.OneToOneField(Entry, models.PROTECT, verbose_name="流水", related_name="hold", db_constraint=False)
    points = models.BigIntegerField("数量")
    status = models.CharField("状态", max_length=16, choices=HoldStatus)
    until = models.DateTimeField("保留至")
    closing_entry = models.OneToOneField(
        Entry, models.PROTECT, verbose_name="结束流水", null=True, related_name="closed_hold"
    )

    class Meta:
        verbose_name = "积分冻结"
        verbose_name_plural = "积分冻结"
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="points_hold_points_positive"),
            models.CheckConstraint(
                condition=Q(status=HoldStatus.OPEN, closing_entry__isnull=True)
                | Q(status__in=[HoldStatus.CAPTURED, HoldStatus.RELEASED], closing_entry__isnull=False),
                name="points_hold_closes_by_an_entry",
            ),
        ]
        indexes = [
            models.Index(fields=["account"], condition=Q(status=HoldStatus.OPEN), name="points_hold_open"),
            models.Index(fields=["until"], condition=Q(status=HoldStatus.OPEN), name="points_hold_due"),
        ]

    def __str__(self) -> str:
        return f"冻结 {self.points}（{self.get_status_display()}）"


class Seal(models.Model):
    """流水封存. A range of entries, hashed one by one and chained to the seal before, so that a later change shows.

    `entry_ids` and `entry_hashes` (32 bytes each, in the same order) name the entry that was changed; `hash` covers
    everything here and the hash of the seal before.
    """

    after_id = models.BigIntegerField("起始流水号（不含）", unique=True)
    upto_id = models.BigIntegerField("截止流水号", unique=True)
    entries = models.IntegerField("流水数")
    entry_ids = ArrayField(models.BigIntegerField(), verbose_name="流水号")
    entry_hashes = models.BinaryField("流水指纹")
    previous = models.BinaryField("上一封存的指纹")
    hash = models.BinaryField("指纹", unique=True)
    sealed_at = models.DateTimeField("封存时间")
    form = models.SmallIntegerField("指纹版本", db_default=1)  # what the hashes cover: see 0030_sealed_expiries.sql

    class Meta:
        verbose_name = "流水封存"
        verbose_name_plural = "流水封存"
        constraints = [
            models.CheckConstraint(
                condition=Q(after_id__lt=F("upto_id"), entries__gt=0), name="points_seal_covers_something"
            ),
        ]

    def __str__(self) -> str:
        return f"封存 {self.pk}"


class AuditRun(models.Model):
    """账本核对. One check of every sum and of the chain of seals; `found` counts all, `discrepancies` tells some."""

    started_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True)
    entries = models.BigIntegerField("核对流水数", null=True)
    sealed = models.BigIntegerField("其中已封存", null=True)
    found = models.BigIntegerField("差异数", null=True)
    discrepancies = models.JSONField("差异", default=list)
    head = models.CharField("链头指纹", max_length=64, default="")

    class Meta:
        verbose_name = "账本核对"
        verbose_name_plural = "账本核对"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True)
                | Q(entries__isnull=False, sealed__isnull=False, found__isnull=False),
                name="points_audit_run_ends_with_a_result",
            ),
        ]

    def __str__(self) -> str:
        return f"核对 {self.pk}"


class LapseReminder(models.Model):
    """到期提醒. A lot whose lapse was announced `step` days before; once for each lot and step."""

    account = models.ForeignKey(Account, models.PROTECT, verbose_name="账户", db_index=False, db_constraint=False)
    lot = models.ForeignKey(Lot, models.PROTECT, verbose_name="批次", related_name="reminders", db_index=False)
    step = models.SmallIntegerField("提前天数")
    points = models.BigIntegerField("提醒时剩余")
    lapses_at = models.DateTimeField("到期时间")
    reminded_at = models.DateTimeField("提醒时间")

    class Meta:
        verbose_name = "到期提醒"
        verbose_name_plural = "到期提醒"
        constraints = [
            models.UniqueConstraint(fields=["lot", "step"], name="points_reminder_once_per_lot_and_step"),
            models.CheckConstraint(condition=Q(step__gt=0), name="points_reminder_step_positive"),
        ]
        indexes = [models.Index(fields=["lapses_at"], name="points_reminder_lapses")]

    def __str__(self) -> str:
        return f"批次 {self.lot_id} 提前 {self.step} 天"


from points.day_totals import ClosedDay, DayTotal, TotalsCheck  # noqa: E402, F401 (tables of this app in a file of their own)
