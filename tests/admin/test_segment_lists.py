"""Lists of members as files: kept at once, read in the background, put into their segment whole."""

import re
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.models import Member, Segment, SegmentMember, SegmentUpload, SegmentUploadLine, User
from members.services import segment_lists
from members.services.merging import merge_members
from members.tasks import take_segment_lists
from tests.admin.conftest import ClientWith
from tests.admin.test_segments import form
from tests.mall.builders import AT
from tests.members.factories import a_member


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What was left to a worker."""
    found: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        "members.admin.segments.current_app.send_task", lambda name, kwargs: found.append((name, kwargs))
    )
    return found


def listed(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", text.encode("utf-8-sig"), content_type="text/csv")


@pytest.fixture(autouse=True)
def private(settings: Any, tmp_path: Path) -> Path:
    """Where lists wait."""
    settings.PRIVATE_ROOT = tmp_path
    return tmp_path


def uploaded(owner: Client, text: str, **change: Any) -> Segment:
    """A segment with that list, which a worker has read by now."""
    file = {"file": listed(text)}
    segment = Segment.objects.first()
    if segment is None:
        owner.post(reverse("admin:members_segment_add"), form(kind="static", name="铁粉", rule="", **file))
    else:
        change = {"name": "铁粉", "note": "", "is_enabled": "on"} | file | change
        owner.post(reverse("admin:members_segment_change", args=[segment.pk]), change)
    take_segment_lists()
    return Segment.objects.get()


def page_of(client: Client, segment: Segment) -> str:
    return client.get(reverse("admin:members_segment_change", args=[segment.pk])).content.decode()


def rows_of(client: Client, address: str) -> list[str]:
    response: Any = client.get(address)
    return b"".join(response.streaming_content).decode("utf-8-sig").splitlines()


@pytest.mark.django_db(transaction=True)
def test_a_list_is_left_to_a_worker_and_the_page_says_how_far_it_is(
    owner: Client, sent: list[Any], private: Path
) -> None:
    member = a_member()
    url = reverse("admin:members_segment_add")
    page = owner.post(url, form(kind="static", name="铁粉", rule="", file=listed(member.number)), follow=True)
    assert "名单已收到，正在后台导入" in page.content.decode()
    assert ("members.take_segment_lists", {}) in sent
    segment = Segment.objects.get()
    assert (segment.members_count, members_in(segment)) == (0, set())
    assert "追加：已读 0 行" in page_of(owner, segment)
    (file,) = (private / "lists").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert take_segment_lists() == 1
    segment.refresh_from_db()
    assert (segment.members_count, members_in(segment)) == (1, {member.pk})
    assert not file.exists()
    assert "追加：名单里有 1 位会员，新加入 1 位<" in page_of(owner, segment)


def test_a_list_of_phones_and_numbers_is_taken_and_bad_lines_are_counted(owner: Client) -> None:
    first, second = a_member(), a_member(phone="13800000002")
    segment = uploaded(owner, f"手机号\n+86 138-0000-0001\n{second.number}\n13800000009\n铁粉\n\n13800000001\n")
    assert (segment.members_count, segment.state) == (2, "ready")
    assert members_in(segment) == {first.pk, second.pk}
    assert "名单里有 2 位会员，新加入 2 位，2 行没有对上会员" in page_of(owner, segment)
    uploaded(owner, second.number, replaces="yes")
    assert members_in(segment) == {second.pk}
    assert "替换：名单里有 1 位会员，新加入 0 位，移出 1 位" in page_of(owner, segment)


def test_the_lines_that_name_nobody_are_a_file_for_who_uploaded_them_without_numbers_in_full(
    owner: Client, staff_with: ClientWith
) -> None:
    lines = "".join(f"1390000{number:04}\n" for number in range(30))
    page = page_of(owner, uploaded(owner, f"{lines}=1+1\n王 +86 137-0000-0000\n8123456\n0571-8765\n"))
    assert "34 行没有对上会员" in page
    (address,) = set(re.findall(r"/admin/members/segment/faults/[^/]+/", page))
    rows = rows_of(owner, address)
    assert rows[:2] == ["行,内容,原因", "1,139****0000,没有用这个手机号的会员"]
    assert rows[31:] == [
        "31,'=1+1,既不是手机号，也没有这个会员号",
        "32,王 +86 ****0000,既不是手机号，也没有这个会员号",
        "33,81****,既不是手机号，也没有这个会员号",
        "34,05****,既不是手机号，也没有这个会员号",
    ]
    assert "第 1 行「139****0000」没有用这个手机号的会员" in page
    assert page.count("没有用这个手机号的会员</li>") == 5, "the first lines; the file has all"
    colleague = staff_with("members.view_segment", "members.change_segment")
    assert colleague.get(address).status_code == 404
    theirs = page_of(colleague, Segment.objects.get())
    assert ("34 行没有对上会员" in theirs, address in theirs, "139****" in theirs) == (True, False, False)
    SegmentUpload.objects.update(finished_at=AT - timedelta(days=400))
    take_segment_lists()
    assert owner.get(address).status_code == 404
    assert address not in page_of(owner, Segment.objects.get())


def test_a_list_that_names_nobody_replaces_nobody(owner: Client) -> None:
    member = a_member()
    segment = uploaded(owner, member.number)
    uploaded(owner, "甲\n乙\n", replaces="yes")
    assert "名单里有 0 位会员，新加入 0 位，移出 0 位" in page_of(owner, segment)
    assert members_in(segment) == {member.pk}


def test_a_list_that_is_too_long_leaves_the_segment_as_it_was(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    member, other = a_member(), a_member(phone="13800000002")
    segment = uploaded(owner, member.number)
    monkeypatch.setattr(segment_lists, "_MOST_ROWS", 1)
    monkeypatch.setattr(segment_lists, "_AT_ONCE", 1)
    uploaded(owner, f"{other.number}\n{member.number}\n", replaces="yes")
    assert members_in(segment) == {member.pk}
    assert "替换：名单最多 1 行" in page_of(owner, segment)
    assert SegmentUploadLine.objects.count() == 0


def test_a_worker_that_was_killed_leaves_the_rest_to_the_next(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    members = [a_member(phone=f"1380000000{number}") for number in range(5)]
    monkeypatch.setattr(segment_lists, "_AT_ONCE", 2)
    note = segment_lists.note
    noted: list[int] = []

    def dies_at_the_second(**about: Any) -> int:
        noted.append(about["lines_before"])
        if len(noted) == 2:
            raise MemoryError
        return note(**about)

    monkeypatch.setattr(segment_lists, "note", dies_at_the_second)
    segment = uploaded(owner, "".join(f"{one.number}\n" for one in members))
    assert (members_in(segment), SegmentUpload.objects.get().lines) == (set(), 2)
    assert "追加：已读 2 行" in page_of(owner, segment)
    assert take_segment_lists() == 1
    assert noted == [0, 2, 2, 4]
    assert members_in(segment) == {one.pk for one in members}
    assert take_segment_lists() == 0


def test_who_is_merged_or_leaves_while_the_list_is_read_is_who_they_are_at_its_end(owner: Client) -> None:
    kept, source, left = (a_member(phone=f"1380000000{number}") for number in range(3))
    segment = Segment.objects.create(name="名单", kind="static", created_at=AT)
    upload = SegmentUpload.objects.create(
        segment=segment, user=User.objects.get(username="owner"), file="x", lines=2, asked_at=AT
    )
    for line, member in enumerate((source, left), start=1):
        SegmentUploadLine.objects.create(upload=upload, line=line, member=member.pk)
    merge_members(source_id=source.pk, target_id=kept.pk, at=AT)
    Member.objects.filter(pk=left.pk).update(status="closed")
    segment_lists.finish(upload_id=upload.pk, at=AT)
    assert members_in(segment) == {kept.pk}


@pytest.mark.django_db
def test_a_hundred_thousand_lines_are_taken_in_bounded_memory(owner: Client) -> None:
    member = a_member()
    segment = Segment.objects.create(name="名单", kind="static", created_at=AT)
    blocks = (f"x{number}\n".encode() for number in range(99_999))
    upload_id = segment_lists.ask(
        segment_id=segment.pk,
        blocks=(*blocks, member.number.encode()),
        replaces=True,
        user_id=User.objects.get(username="owner").pk,
        at=AT,
    )
    tracemalloc.start()
    assert take_segment_lists() == 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    done = SegmentUpload.objects.get(pk=upload_id)
    assert (done.named, done.entered, done.bad, done.lines) == (1, 1, 99_999, 100_000)
    assert peak < 8_000_000


def members_in(segment: Segment) -> set[int]:
    return set(SegmentMember.objects.filter(segment=segment).values_list("member_id", flat=True))


def test_a_file_that_is_no_list_leaves_the_segment_empty(owner: Client) -> None:
    for content in (b"PK\x03\x04nonsense", b"\n"):
        file = SimpleUploadedFile("list.xlsx", content)
        Segment.objects.all().delete()
        owner.post(reverse("admin:members_segment_add"), form(kind="static", rule="", file=file))
        assert take_segment_lists() == 0
        segment = Segment.objects.get()
        assert segment.members_count == 0
        assert ">没有导入</b>" in page_of(owner, segment)


def test_a_file_that_is_far_too_large_is_refused_at_once(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("members.admin.segment_form._MOST_BYTES", 1 << 20)
    file = listed("1" * (1 << 20))
    page = owner.post(reverse("admin:members_segment_add"), form(kind="static", rule="", file=file)).content.decode()
    assert "名单文件最大 1 MB，请拆成几个文件分次追加" in page
    assert SegmentUpload.objects.count() == 0
