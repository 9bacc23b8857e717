"""Switching the second step on and off, and taking its codes. The edge opens the transaction."""

from dataclasses import dataclass
from datetime import datetime

from config.back_office.models import BackupCode, TwoStepDevice
from config.back_office.two_step import codes
from config.core.crypto import blind_index
from config.core.db import transaction_required
from config.core.errors import DomainError


class AlreadyOn(DomainError):
    code = "two_step_already_on"
    message = "两步验证已经开启"


class WrongFirstCode(DomainError):
    code = "two_step_wrong_first_code"
    message = "验证码不对。请确认手机时间准确，再输入应用里现在显示的 6 位数字"
    field = "code"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a code opens the second step; with `wait_seconds` it was not looked at."""

    is_right: bool
    wait_seconds: int = 0
    is_backup_code: bool = False


def device_id_of(*, user_id: int) -> int | None:
    """The device of that log-in; None while two-step log-in is off. One query."""
    return TwoStepDevice.objects.filter(user_id=user_id).values_list("pk", flat=True).first()


def backup_codes_left(*, user_id: int) -> int:
    """How many backup codes are still unused."""
    return BackupCode.objects.filter(device__user_id=user_id, used_at=None).count()


@transaction_required
def switch_on(*, user_id: int, secret: str, code: str, at: datetime) -> tuple[int, list[str]]:
    """The new device and its backup codes, which nobody can read again. Raises WrongFirstCode, AlreadyOn."""
    step = codes.matching_step(secret=secret, code=codes.read(code), at=at, after=0)
    if step is None:
        raise WrongFirstCode
    device, is_new = TwoStepDevice.objects.get_or_create(
        user_id=user_id, defaults={"secret": secret, "enabled_at": at, "last_step": step}
    )
    if not is_new:
        raise AlreadyOn
    return device.pk, _put_backup_codes(device)


@transaction_required
def check_code(*, user_id: int, code: str, at: datetime) -> Verdict:
    """Take a code of the app or a backup code, each once. A wrong one is counted: don't roll it back."""
    device = _locked(user_id)
    if device is None:
        return Verdict(is_right=False)
    wait = codes.seconds_to_wait(failures=device.failures, failed_at=device.failed_at, at=at)
    if wait:
        return Verdict(is_right=False, wait_seconds=wait)
    row = TwoStepDevice.objects.filter(pk=device.pk)
    meant = codes.read(code)
    step = codes.matching_step(secret=device.secret, code=meant, at=at, after=device.last_step)
    if step is not None:
        row.update(last_step=step, failures=0, failed_at=None)
        return Verdict(is_right=True)
    if _take_backup_code(device, meant, at):
        row.update(failures=0, failed_at=None)
        return Verdict(is_right=True, is_backup_code=True)
    row.update(failures=min(device.failures + 1, 100), failed_at=at)
    return Verdict(is_right=False)


@transaction_required
def renew_backup_codes(*, user_id: int) -> list[str]:
    """Ten new codes; the old ones open nothing any more."""
    device = TwoStepDevice.objects.select_for_update().get(user_id=user_id)
    device.backup_codes.all().delete()
    return _put_backup_codes(device)


@transaction_required
def switch_off(*, user_id: int) -> bool:
    """Forget device and backup codes; whether there was one. The caller has seen to it that this is allowed."""
    device = _locked(user_id)
    if device is not None:
        device.delete()
    return device is not None


def _locked(user_id: int) -> TwoStepDevice | None:
    """Nobody else takes a code of this device until the transaction ends."""
    return TwoStepDevice.objects.select_for_update().filter(user_id=user_id).first()


def _index(device: TwoStepDevice, meant: str) -> str:
    return blind_index(f"{device.pk}:{meant}", purpose="backup-code")


def _put_backup_codes(device: TwoStepDevice) -> list[str]:
    fresh = codes.new_backup_codes()
    BackupCode.objects.bulk_create(
        BackupCode(device=device, code_index=_index(device, codes.read(code))) for code in fresh
    )
    return fresh


def _take_backup_code(device: TwoStepDevice, meant: str, at: datetime) -> bool:
    unused = BackupCode.objects.filter(device=device, code_index=_index(device, meant), used_at=None)
    return unused.update(used_at=at) == 1
