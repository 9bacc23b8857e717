"""Statement, addresses, benefits, profile: what members see, and what nobody else does."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from members.models import Address, Interest, Member
from members.rules.addresses import AddressForm
from members.services.addresses import save_address
from members.services.growth import post_growth
from points import ledger
from tests.members.factories import PHONE, a_member

pytestmark = pytest.mark.django_db
GOOD = {
    "recipient": "周一诺",
    "phone": "138 0000 0001",
    "province": "330000",
    "city": "330100",
    "district": "330106",
    "detail": "文三路 90 号",
}
PROFILE = {"nickname": "周一诺", "gender": "female", "year": "1990", "month": "5", "day": "20", "district": "330106"}
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def member() -> Member:
    return a_member(at=timezone.now() - timedelta(days=100))


@pytest.fixture
def browser(client: Client, member: Member) -> Client:
    client.force_login(member.user)
    return client


def earn(member: Member, count: int) -> list[int]:
    """Ids of `count` entries, earned a minute apart; repeating it earns only what is new."""
    now = timezone.now()
    return [
        ledger.earn(
            account=member.points_account_id,
            points=10 + i,
            key=f"order:{i}:points",
            source=f"order:{i}",
            at=now - timedelta(minutes=count - i),
            expires_at=now + timedelta(days=20),
        ).id
        for i in range(count)
    ]


def add_address(member: Member, detail: str = "文三路 1 号") -> int:
    form = AddressForm(recipient="周一诺", phone=PHONE, region_code="330106", detail=detail)
    return save_address(member_id=member.pk, form=form, at=timezone.now())


def text(response) -> str:
    return response.content.decode()


PAGES = ["/points/", "/points/1/", "/addresses/", "/addresses/new/", "/addresses/1/", "/benefits/", "/profile/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_logs_in_first_and_comes_back(client: Client, path: str) -> None:
    response = client.get(f"{path}?a=1")
    assert (response.status_code, response["Location"]) == (302, f"/login/?next={path.replace('/', '%2F')}%3Fa%3D1")


def test_a_visitors_htmx_request_leads_the_whole_page_to_the_log_in(client: Client) -> None:
    response = client.get("/points/?before=5", **HTMX, HTTP_REFERER="http://testserver/points/?type=earned")
    assert response["HX-Redirect"] == "/login/?next=%2Fpoints%2F%3Ftype%3Dearned"


@pytest.mark.parametrize("path", ["/addresses/1/delete/", "/addresses/1/default/"])
def test_deleting_needs_a_post(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 405


@pytest.mark.parametrize("said", ["https://evil.example/x", "//evil.example/x", "abc", "http://["])
def test_who_came_from_elsewhere_goes_on_at_home(client: Client, said: str) -> None:
    assert client.post("/addresses/1/delete/", HTTP_REFERER=said)["Location"] == "/login/?next=%2F"


def test_an_empty_statement_says_how_points_come(browser: Client) -> None:
    page = text(browser.get("/points/"))
    assert "还没有积分记录" in page
    assert "没有这类记录" in text(browser.get("/points/?type=lapsed"))


def test_the_statement_shows_balance_lapse_and_entries(browser: Client, member: Member) -> None:
    ids = earn(member, 3)
    page = text(browser.get("/points/"))
    assert '<p class="big">33</p>' in page
    assert re.search(r"33 积分将于 \d{4}-\d\d-\d\d 到期", page)
    assert re.findall(r'href="(/points/\d+/)"', page) == [f"/points/{pk}/" for pk in reversed(ids)]
    assert re.findall(r'class="amt">(\+\d+)<', page) == ["+12", "+11", "+10"]


def test_the_next_page_comes_without_the_first_ones_entries_and_heading(browser: Client, member: Member) -> None:
    ids = earn(member, 25)
    following = re.search(r'hx-get="([^"]+)"', text(browser.get("/points/")))[1].replace("&amp;", "&")
    page = text(browser.get(following, **HTMX))
    assert re.findall(r'href="/points/(\d+)/"', page) == [str(pk) for pk in reversed(ids[:5])]
    assert "<html" not in page
    assert "hx-get" not in page


@pytest.mark.parametrize(
    ("query", "status"), [("type=nonsense", 200), ("before=x", 404), ("before=-1", 404), ("before=" + "9" * 400, 404)]
)
def test_an_odd_address_of_the_statement_is_no_error(browser: Client, query: str, status: int) -> None:
    assert browser.get(f"/points/?{query}").status_code == status


def test_an_entry_shows_its_lots(browser: Client, member: Member) -> None:
    entry_id = earn(member, 1)[0]
    page = text(browser.get(f"/points/{entry_id}/"))
    assert "消费得积分" in page
    assert re.search(r"10 积分，\d{4}-\d\d-\d\d 前有效", page)


@pytest.mark.parametrize("entry_id", [10**12, 2**63, 10**30])
def test_an_entry_that_is_not_there_is_not_found(browser: Client, entry_id: int) -> None:
    assert browser.get(f"/points/{entry_id}/").status_code == 404


def test_anothers_entry_and_address_are_not_found(browser: Client) -> None:
    other = a_member(phone="13800000002")
    entry_id, address_id = earn(other, 1)[0], add_address(other)
    assert browser.get(f"/points/{entry_id}/").status_code == 404
    assert browser.get(f"/addresses/{address_id}/").status_code == 404
    assert browser.post(f"/addresses/{address_id}/", GOOD).status_code == 404
    assert browser.post(f"/addresses/{address_id}/delete/").status_code == 404
    assert browser.post(f"/addresses/{address_id}/default/").status_code == 404
    assert Address.objects.get().detail == "文三路 1 号"


def test_an_address_is_added_and_leads_back_to_where_it_was_wanted(browser: Client, member: Member) -> None:
    response = browser.post("/addresses/new/", {**GOOD, "next": "/checkout/"})
    row = Address.objects.get(member=member)
    assert (response.status_code, response["Location"]) == (302, "/checkout/")
    assert (row.phone, row.region, row.detail, row.is_default) == (PHONE, "浙江省 杭州市 西湖区", "文三路 90 号", True)


def test_submitting_twice_adds_one(browser: Client) -> None:
    assert [browser.post("/addresses/new/", GOOD).status_code for _ in range(2)] == [302, 302]
    assert Address.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"recipient": ""}, "请填写收货人姓名"),
        ({"phone": "123"}, "请输入 11 位手机号"),
        ({"district": ""}, "请选择省、市、区"),
        ({"district": "000000"}, "请选择省、市、区"),
        ({"district": "\0"}, "请选择省、市、区"),
        ({"recipient": "\0"}, "请填写收货人姓名"),
        ({"phone": "\0"}, "请输入 11 位手机号"),
        ({"detail": "\0"}, "请填写街道、门牌号等详细地址"),
        ({"detail": "x"}, "详细地址至少 4 个字"),
        ({"detail": "路" * 101}, "详细地址最多 100 个字"),
    ],
)
def test_a_bad_address_comes_back_with_its_sentence_and_what_was_typed(
    browser: Client, change: dict[str, str], sentence: str
) -> None:
    response = browser.post("/addresses/new/", GOOD | change)
    page = text(response)
    assert response.status_code == 422
    assert f"<span>{sentence}</span>" in page
    assert len(re.findall(r'class="err"', page)) == 1
    assert '<option value="330100" selected>杭州市</option>' in page
    assert not Address.objects.exists()


def test_an_empty_form_names_every_field(browser: Client) -> None:
    assert len(re.findall(r'class="err"', text(browser.post("/addresses/new/")))) == 4


def test_a_full_book_says_so_above_the_form(browser: Client, member: Member, settings) -> None:
    settings.POLICIES = {"max_addresses": 1}
    add_address(member)
    response = browser.post("/addresses/new/", GOOD)
    assert response.status_code == 422
    assert "最多保存 1 个收货地址，请先删除不用的地址" in text(response)


def test_an_address_is_changed_and_deleted(browser: Client, member: Member) -> None:
    address_id = add_address(member)
    page = text(browser.get(f"/addresses/{address_id}/"))
    assert '<option value="330106" selected>西湖区</option>' in page
    assert browser.post(f"/addresses/{address_id}/", GOOD).status_code == 302
    assert Address.objects.get().detail == "文三路 90 号"
    assert browser.post(f"/addresses/{address_id}/delete/").status_code == 302
    assert "还没有收货地址" in text(browser.get("/addresses/"))


def test_what_members_write_is_shown_as_text(browser: Client, member: Member) -> None:
    add_address(member, "<img src=x onerror=alert(1)>")
    assert "<img src=x" not in text(browser.get("/addresses/"))


def test_choosing_a_province_brings_its_cities(client: Client) -> None:
    page = text(client.get("/addresses/regions/", {"province": "330000", "city": "110100", "district": "110101"}))
    assert '<option value="330100">杭州市</option>' in page
    assert "东城区" not in page
    municipality = text(client.get("/addresses/regions/", {"province": "110000"}))
    assert '<option value="110100" selected>北京市</option>' in municipality
    assert '<option value="110101">东城区</option>' in municipality
    assert client.get("/addresses/regions/", {"province": "x" * 999}).status_code == 200


def test_benefits_mark_the_own_tier_and_say_what_the_next_adds(browser: Client, member: Member) -> None:
    post_growth(member_id=member.pk, points=5600, key="g", source="order:1", at=timezone.now(), cause="order:1")
    page = text(browser.get("/benefits/"))
    assert '成长值 <b class="num">5,600</b> / 20,000，再得 <b class="num">14,400</b>' in page
    assert "</b> 成长值（约 ¥14,400）升级钻石会员" in page
    assert "升级钻石会员再得" in page
    assert re.search(r'<th scope="col" class="me">.*?黄金', page)
    assert re.findall(r'class="me">([^<]+)<', page) == ["5,000", "1.5 倍", "不限次", "—"]


def test_the_profile_is_changed(browser: Client, member: Member) -> None:
    tea = Interest.objects.create(name="茶")
    assert browser.post("/profile/", {**PROFILE, "interests": [tea.pk]}).status_code == 302
    member.refresh_from_db()
    assert (member.nickname, member.birthday, member.gender) == ("周一诺", "1990-05-20", "female")
    assert (member.region_code, member.profile_completed_at is not None) == ("330106", True)
    page = text(browser.get("/profile/"))
    assert "生日一年只能修改一次" in page
    assert 'name="year"' not in page
    assert f'value="{tea.pk}" checked' in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"nickname": ""}, "请填写昵称"),
        ({"nickname": "长" * 21}, "昵称最多 20 个字"),
        ({"nickname": "客服小王"}, "昵称不能冒充商家或客服，请换一个"),
        ({"nickname": "周一诺", "year": "1990", "month": "5", "day": ""}, "请填写正确的日期，例如 1990-05-20"),
        ({"nickname": "周一诺", "year": "2999", "month": "1", "day": "1"}, "生日不能晚于今天"),
        ({"nickname": "周一诺", "year": "1990", "month": "2", "day": "30"}, "没有这一天，请检查年月日"),
        ({"nickname": "周一诺", "district": "330100"}, "请选择省、市、区"),
        ({"nickname": "周一诺", "interests": ["x"]}, "有的兴趣已不可选，请刷新后重选"),
    ],
)
def test_a_bad_profile_comes_back_with_its_sentence(
    browser: Client, member: Member, typed: dict[str, str], sentence: str
) -> None:
    response = browser.post("/profile/", typed)
    assert (response.status_code, f"<span>{sentence}</span>" in text(response)) == (422, True)
    assert Member.objects.get().nickname == member.nickname


def test_a_birthday_posted_again_is_refused_at_its_field(browser: Client) -> None:
    browser.post("/profile/", PROFILE)
    response = browser.post("/profile/", {**PROFILE, "month": "11"})
    assert (response.status_code, "生日一年只能修改一次" in text(response)) == (422, True)


@pytest.mark.parametrize(
    "path", ["/points/", "/points/{entry}/", "/addresses/", "/addresses/{address}/", "/benefits/", "/profile/"]
)
def test_a_page_takes_the_same_few_queries_however_much_there_is(
    browser: Client, member: Member, path: str, django_assert_max_num_queries
) -> None:
    counts = []
    for size in (2, 30):
        entry, address = earn(member, size)[-1], add_address(member, f"文三路 {size} 号")
        for i in range(size // 3):
            add_address(member, f"古墩路 {size}-{i} 号")
        address_of = path.format(entry=entry, address=address)
        browser.get(address_of)
        with django_assert_max_num_queries(8) as seen:
            assert browser.get(address_of).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
