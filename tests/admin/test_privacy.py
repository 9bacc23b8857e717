"""Privacy in the back office: a look in full with a reason, tags on many members, notices that stand."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.back_office.models import StaffDeed
from members.models import Member, MemberTag, PrivacyNotice, Reveal, Tag
from tests.admin.conftest import ClientWith
from tests.members.factories import a_member

PHONE = "13912345678"


@pytest.fixture
def member() -> Member:
    return a_member(phone=PHONE)


def reveal_page(member: Member) -> str:
    return reverse("admin:members_member_reveal_page", args=[member.pk])


def text(response: Any) -> str:
    return response.content.decode()


def test_no_page_of_a_member_shows_the_phone_or_the_day_of_birth(owner: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(birthday_month_day="0520", birthday="1990-05-20")
    for path in (
        reverse("admin:members_member_changelist"),
        reverse("admin:members_member_change", args=[member.pk]),
        reverse("admin:members_member_export"),
        reveal_page(member),
    ):
        page = text(owner.get(path))
        assert (PHONE in page, "5 月 20 日" in page, "1990" in page) == (False, False, False), path
    assert "5 月 ** 日" in text(owner.get(reverse("admin:members_member_change", args=[member.pk])))


def test_a_look_in_full_needs_a_reason_is_noted_and_never_kept_by_a_browser(owner: Client, member: Member) -> None:
    refused = owner.post(reveal_page(member), {"what": "phone", "reason": ""})
    assert (refused.status_code, PHONE in text(refused), Reveal.objects.count()) == (422, False, 0)
    shown = owner.post(reveal_page(member), {"what": "phone", "reason": "联系退货"})
    assert (shown.status_code, PHONE in text(shown), "no-store" in shown["Cache-Control"]) == (200, True, True)
    noted = Reveal.objects.get()
    assert (noted.member, noted.user.username, noted.reason) == (member, "owner", "联系退货")
    deed = StaffDeed.objects.get()
    assert (deed.text, deed.object_id, PHONE in deed.label) == ("已查看手机号（联系退货）", str(member.pk), False)
    assert PHONE not in text(owner.get(reveal_page(member)))


def test_a_look_in_full_is_a_right_of_its_own(staff_with: ClientWith, member: Member) -> None:
    clerk = staff_with("members.view_member", "members.change_member")
    assert clerk.get(reveal_page(member)).status_code == 403
    assert clerk.post(reveal_page(member), {"what": "phone", "reason": "联系退货"}).status_code == 403
    assert "查看完整信息" not in text(clerk.get(reverse("admin:members_member_change", args=[member.pk])))
    allowed = Client()
    allowed.force_login(_with_reveal(staff_with))
    assert PHONE in text(allowed.post(reveal_page(member), {"what": "phone", "reason": "联系退货"}))


def _with_reveal(staff_with: ClientWith) -> Any:
    """A clerk who may; the fixture names its first user, so this one is made by hand."""
    from django.contrib.auth.models import Permission

    from members.models import User

    user = User.objects.create_user("support", password="support-password-1", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_member", "reveal_member"]))
    return user


def test_a_tag_is_put_on_the_chosen_members_and_taken_off(owner: Client, member: Member) -> None:
    other, tag = a_member(phone="13912345679"), Tag.objects.create(name="老顾客")
    page = reverse("admin:members_member_changelist")
    chosen = {"_selected_action": [member.pk, other.pk]}
    owner.post(page, {"action": f"tag_{tag.pk}", **chosen})
    assert list(MemberTag.objects.values_list("source", "put_by__username")) == [("staff", "owner")] * 2
    assert member.number in text(owner.get(f"{page}?tag={tag.pk}"))
    owner.post(page, {"action": f"untag_{tag.pk}", "_selected_action": [other.pk]})
    assert list(MemberTag.objects.values_list("member_id", flat=True)) == [member.pk]
    listed = text(owner.get(f"{page}?tag={tag.pk}"))
    assert (member.number in listed, other.number in listed) == (True, False)


def test_a_notice_is_published_and_then_stands(owner: Client) -> None:
    PrivacyNotice.objects.all().delete()
    notice = PrivacyNotice.objects.create(version=1, text="# 收集\n手机号")
    change = reverse("admin:members_privacynotice_change", args=[notice.pk])
    publish = reverse("admin:members_privacynotice_publish", args=[notice.pk])
    assert publish in text(owner.get(change))
    assert "发布后不能再改" in text(owner.get(publish))
    notice.refresh_from_db()
    assert notice.published_at is None, "a link that somebody opens must not publish"
    assert owner.post(publish, {"_form_submitted": "on"})["HX-Redirect"] == change
    after = text(owner.get(change))
    assert ("第 1 版已发布" in after, publish in after) == (True, False)
    notice.refresh_from_db()
    assert notice.published_at is not None
    owner.post(change, {"version": 1, "title": "隐私政策", "changes": "", "text": "改过的"})
    notice.refresh_from_db()
    assert notice.text == "# 收集\n手机号"
    added = owner.get(reverse("admin:members_privacynotice_add"))
    assert added.context["adminform"].form.initial["version"] == 2
