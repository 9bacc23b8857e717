"""Which step of the log-in a session has taken, and which it lacks."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from config.back_office.two_step import devices
from config.core import policies

CODE_PAGE, SET_UP_PAGE = "two_step_code", "two_step"
PASSWORD_LASTS = timedelta(minutes=10)  # this long after the password the code may follow

_PASSED = "two_step_passed"  # the device whose code this session has given
_WAITING = "two_step_waiting"  # whose password was right, before the log-in


def lacking(request: HttpRequest) -> str | None:
    """The page that this session must pass before any other of the back office; None when it lacks nothing.

    A device that was set up anew asks every session again. One query per request.
    """
    user = request.user
    if not user.is_active or not getattr(user, "is_staff", False):
        return None  # no staff: the log-in refuses it
    device_id = _device_of(request)
    if device_id is not None:
        return None if request.session.get(_PASSED) == device_id else CODE_PAGE
    return SET_UP_PAGE if policies.current().staff_two_step_required else None


def _device_of(request: Any) -> int | None:
    known: tuple[int, int | None] | None = getattr(request, "two_step_device", None)
    if known is None or known[0] != request.user.pk:
        known = request.user.pk, devices.device_id_of(user_id=request.user.pk)
        request.two_step_device = known
    return known[1]


def pass_through(request: Any, *, device_id: int) -> None:
    """This session has given a right code of that device."""
    request.session[_PASSED] = device_id
    request.two_step_device = request.user.pk, device_id


def forget(request: Any) -> None:
    """Two-step log-in of this session's user is off."""
    request.session.pop(_PASSED, None)
    request.two_step_device = request.user.pk, None


def wait_for_code(request: HttpRequest, user: Any, *, at: datetime) -> None:
    """Note in the session, which stays a stranger's, whose password was right."""
    request.session[_WAITING] = {"user": user.pk, "password": user.get_session_auth_hash(), "at": at.isoformat()}


def waiting_user(request: HttpRequest, *, at: datetime) -> AbstractBaseUser | None:
    """Whose code is due: the password was right a while ago and is still the password. None otherwise."""
    waiting = request.session.get(_WAITING)
    if not waiting or not timedelta() <= at - datetime.fromisoformat(waiting["at"]) <= PASSWORD_LASTS:
        return None
    user = get_user_model().objects.filter(pk=waiting["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(waiting["password"], user.get_session_auth_hash()):
        return None
    return user


def stop_waiting(request: HttpRequest) -> None:
    """The log-in is done or given up."""
    request.session.pop(_WAITING, None)
