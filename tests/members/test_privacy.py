"""Notice and consent, copies of one's data, and looking at things in full."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from config.core.crypto import DecryptionFailed
from config.core.errors import InvalidInput, NotFound
from members.models import Consent, DataExport, Member, MemberTag, MessageEmail, PrivacyNotice, Reveal, Tag
from members.rules.addresses import AddressForm
from members.services import closing, consents, data_exports, tags
from members.services.addresses import save_address
from members.services.profiles import ProfileChange, save_profile
from members.services.reveals import TooManyReveals, reveal
from members.tasks import make_copies
from tests.members.factories import AT, a_clerk, a_member

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


def a_notice(version: int = 1, **values: Any) -> PrivacyNotice:
    """A published notice; what a migration drafted makes way."""
    PrivacyNotice.objects.filter(published_at=None).delete()
    notice = PrivacyNotice.objects.create(version=version, text="# 收集\n手机号", **values)
    consents.publish(notice_id=notice.pk, at=AT)
    return notice


@pytest.fixture
def copies(tmp_path: Path, settings: Any) -> Path:
    settings.PRIVATE_ROOT = tmp_path
    return tmp_path / "copies"


@pytest.fixture
def member() -> Member:
    return a_member()


@pytest.fixture
def browser(client: Client, member: Member) -> Client:
    client.force_login(member.user)
    return client


def text(response: Any) -> str:
    return response.content.decode()


# ── notice and consent ──


def test_a_published_notice_stands_and_the_next_has_a_higher_number() -> None:
    notice = a_notice(2)
    with pytest.raises(consents.NoticeIsPublished):
        consents.publish(notice_id=notice.pk, at=AT)
    older = PrivacyNotice.objects.create(version=1, text="x")
    with pytest.raises(consents.NoticeIsOld) as refusal:
        consents.publish(notice_id=older.pk, at=AT)
    assert refusal.value.text == "第 2 版已经发布，新版本的版本号必须更大"


def test_an_agreement_is_kept_once_with_when_and_where(member: Member) -> None:
    a_notice()
    for at in (AT, AT + A_DAY):
        consents.agree(member_id=member.pk, version=1, channel="h5", at=at)
    kept = Consent.objects.get()
    assert (kept.member, kept.notice.version, kept.channel, kept.at) == (member, 1, "h5", AT)
    with pytest.raises(consents.NoticeChanged):
        consents.agree(member_id=member.pk, version=2, channel="h5", at=AT)


def test_a_new_version_is_asked_for_once_at_the_next_visit(browser: Client, member: Member) -> None:
    assert browser.get("/points/").status_code == 200
    a_notice()
    for path in ("/points/", "/addresses/", "/profile/"):
        assert browser.get(path)["Location"].startswith("/privacy/consent/?next=")
    assert browser.get("/").status_code == 200
    page = text(browser.get("/privacy/consent/?next=/points/"))
    assert ("<h2>收集</h2>" in page, "<p>手机号</p>" in page, 'value="1"' in page) == (True, True, True)
    assert browser.post("/privacy/consent/", {"version": "1", "next": "/points/"})["Location"] == "/points/"
    assert browser.get("/points/").status_code == 200
    a_notice(2, changes="增加了门店地址")
    page = text(browser.get("/privacy/consent/?next=/points/"))
    assert "增加了门店地址" in page
    stale = browser.post("/privacy/consent/", {"version": "1"})
    assert (stale.status_code, "隐私政策刚刚更新" in text(stale)) == (409, True)
    assert Member.objects.get().agreed_version == 1


def test_the_page_of_log_in_has_a_box_to_tick(client: Client) -> None:
    a_notice()
    assert 'name="agreed_version" value="1"' in text(client.get("/login/"))
    answer = client.post("/login/", {"phone": "13800000001", "code": "123456"})
    assert (answer.status_code, "请先阅读并同意最新的隐私政策" in text(answer)) == (422, True)
    assert "收集" in text(client.get("/privacy/notice/"))


def test_without_a_notice_nobody_is_asked(client: Client) -> None:
    PrivacyNotice.objects.all().delete()
    assert "agreed_version" not in text(client.get("/login/"))
    assert client.get("/privacy/notice/").status_code == 404


# ── copies ──


def a_copy(member: Member, at: Any = AT) -> DataExport:
    export_id = data_exports.ask_for_copy(member_id=member.pk, at=at)
    assert data_exports.make_copy(export_id=export_id, at=at)
    return DataExport.objects.get(pk=export_id)


def test_a_copy_holds_what_the_shop_knows_and_runs_nothing(copies: Path, member: Member) -> None:
    save_profile(member_id=member.pk, change=ProfileChange(nickname="=1+1", birthday="1990-05-20"), at=AT)
    form = AddressForm(recipient="周一诺", phone="13800000001", region_code="330106", detail="文三路 90 号")
    save_address(member_id=member.pk, form=form, at=AT)
    MessageEmail.objects.create(member=member, address="shan@example.com", asked_at=AT, confirmed_at=AT)
    other = a_member(phone="13800000002")
    copy = a_copy(member)
    path = data_exports.path_of(copy.file)
    assert (path.stat().st_mode & 0o777, path.stat().st_size, path.parent) == (0o600, copy.size, copies)
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert names >= {"profile.csv", "profile.json", "addresses.csv", "points.csv", "orders.csv", "orders.json"}
        rows = list(csv.reader(io.StringIO(archive.read("profile.csv").decode("utf-8-sig"))))
        assert (len(rows), rows[1][0], rows[1][1], rows[1][3]) == (2, member.number, "'=1+1", "13800000001")
        address = json.loads(archive.read("addresses.json"))["rows"]
        assert [(row["收货人"], row["详细地址"]) for row in address] == [("周一诺", "文三路 90 号")]
        ways_in = json.loads(archive.read("log_ins.json"))["rows"]
        assert [(row["类型"], row["名称"], row["标识"]) for row in ways_in] == [
            ("消息邮箱", "已确认", "shan@example.com")
        ]
        assert not any(other.number.encode() in archive.read(name) for name in names)


def test_one_copy_at_a_time_and_a_few_a_day(copies: Path, member: Member) -> None:
    first = data_exports.ask_for_copy(member_id=member.pk, at=AT)
    with pytest.raises(data_exports.CopyPending):
        data_exports.ask_for_copy(member_id=member.pk, at=AT)
    assert data_exports.pending_ids() == [first]
    assert data_exports.make_copy(export_id=first, at=AT)
    assert data_exports.make_copy(export_id=first, at=AT) is False
    a_copy(member)
    a_copy(member)
    with pytest.raises(data_exports.TooManyCopies):
        data_exports.ask_for_copy(member_id=member.pk, at=AT)
    assert data_exports.ask_for_copy(member_id=member.pk, at=AT + A_DAY)


def test_a_copy_is_its_owners_for_a_day_then_its_file_is_deleted(copies: Path, member: Member) -> None:
    copy, other = a_copy(member), a_member(phone="13800000002")
    assert data_exports.file_of(member_id=member.pk, export_id=copy.pk, at=AT + A_DAY - timedelta(seconds=1)).exists()
    for who, at in ((other, AT), (member, AT + A_DAY)):
        with pytest.raises(NotFound):
            data_exports.file_of(member_id=who.pk, export_id=copy.pk, at=at)
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert data_exports.drop_expired(at=AT + A_DAY) == 1
    assert (list(copies.iterdir()), DataExport.objects.get().status) == ([], "gone")


def test_a_file_that_a_killed_attempt_left_is_swept(copies: Path, member: Member) -> None:
    copy = a_copy(member, timezone.now())
    stray = copies / "stray.zip"
    stray.touch()
    assert data_exports.drop_orphans(at=timezone.now()) == 0
    assert data_exports.drop_orphans(at=timezone.now() + timedelta(hours=26)) == 2  # both are past any copy's time
    assert not stray.exists()
    with pytest.raises(NotFound):
        data_exports.file_of(member_id=member.pk, export_id=copy.pk, at=timezone.now())


def test_the_page_asks_for_a_copy_and_hands_it_to_nobody_else(copies: Path, browser: Client, member: Member) -> None:
    assert browser.post("/privacy/copies/").status_code == 302
    assert "准备中" in text(browser.get("/privacy/"))
    data_exports.make_copy(export_id=data_exports.pending_ids()[0], at=timezone.now())
    url = f"/privacy/copies/{DataExport.objects.get().pk}/"
    assert f'href="{url}"' in text(browser.get("/privacy/"))
    answer = browser.get(url)
    assert (answer["Content-Type"], "no-store" in answer["Cache-Control"]) == ("application/zip", True)
    stranger = Client()
    stranger.force_login(a_member(phone="13800000002").user)
    assert stranger.get(url).status_code == 404
    assert Client().get(url)["Location"].startswith("/login/")


# ── closing, by the page ──


def test_the_page_closes_and_log_in_leads_to_taking_it_back(browser: Client, member: Member) -> None:
    page = text(browser.get("/privacy/closing/"))
    assert "7 天冷静期" in page
    assert browser.post("/privacy/closing/").status_code == 422
    assert browser.post("/privacy/closing/", {"understood": "on"}).status_code == 302
    for path in ("/points/", "/profile/", "/privacy/"):
        assert browser.get(path)["Location"].startswith("/privacy/closing/?next=")
    assert "撤销注销" in text(browser.get("/privacy/closing/"))
    assert browser.post("/privacy/closing/take-back/").status_code == 302
    assert browser.get("/points/").status_code == 200
    assert closing.due(at=timezone.now() + timedelta(days=30)).closing_ids == ()


# ── looking at things in full ──


def test_a_look_is_shown_noted_and_counted(member: Member) -> None:
    clerk, other = a_clerk(), a_clerk("other")
    seen = reveal(member_id=member.pk, what="phone", reason=" 联系退货 ", operator_id=clerk.pk, at=AT)
    assert seen == ("13800000001",)
    noted = Reveal.objects.get()
    assert (noted.user, noted.member, noted.what, noted.reason) == (clerk, member, "phone", "联系退货")
    assert reveal(member_id=member.pk, what="name", reason="核对", operator_id=clerk.pk, at=AT) == ()
    with override_settings(POLICIES={"reveals_per_hour": 2}):
        with pytest.raises(TooManyReveals):
            reveal(
                member_id=member.pk, what="phone", reason="再看", operator_id=clerk.pk, at=AT + timedelta(minutes=59)
            )
        reveal(member_id=member.pk, what="phone", reason="再看", operator_id=other.pk, at=AT)
        reveal(member_id=member.pk, what="phone", reason="再看", operator_id=clerk.pk, at=AT + timedelta(minutes=61))


@pytest.mark.parametrize(
    ("what", "reason", "field"),
    [("password", "看看", "what"), ("phone", " ", "reason"), ("phone", "x" * 101, "reason")],
)
def test_a_look_without_a_reason_shows_nothing(member: Member, what: str, reason: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        reveal(member_id=member.pk, what=what, reason=reason, operator_id=a_clerk().pk, at=AT)
    assert (list(refusal.value.fields), Reveal.objects.count()) == ([field], 0)


# ── tags ──


def test_a_tag_is_put_on_and_taken_off_by_staff(member: Member) -> None:
    other, clerk, tag = a_member(phone="13800000002"), a_clerk(), Tag.objects.create(name="爱茶")
    assert tags.put_tag(tag_id=tag.pk, member_ids=[member.pk], operator_id=clerk.pk, at=AT) == 1
    assert tags.put_tag(tag_id=tag.pk, member_ids=[member.pk, other.pk], operator_id=clerk.pk, at=AT) == 1
    assert set(MemberTag.objects.values_list("source", flat=True)) == {"staff"}
    assert tags.take_tag(tag_id=tag.pk, member_ids=[member.pk, other.pk]) == 2
    with pytest.raises(NotFound):
        tags.put_tag(tag_id=tag.pk + 1, member_ids=[member.pk], operator_id=clerk.pk, at=AT)


def test_a_copy_that_can_not_be_made_keeps_nobody_elses_waiting(
    copies: Path, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = a_member(phone="13800000002")
    for one in (member, other):
        data_exports.ask_for_copy(member_id=one.pk, at=AT)
    zipped = data_exports._zip

    def fails(member_ids: list[int]) -> bytes:
        if member.pk in member_ids:
            raise DecryptionFailed
        return zipped(member_ids)

    monkeypatch.setattr(data_exports, "_zip", fails)
    assert make_copies() == 1
    assert [row.status for row in DataExport.objects.order_by("pk")] == ["pending", "ready"]
