"""What makes a delivery address usable, and where places are."""

import pytest

from config.core.errors import InvalidInput
from members.rules import regions
from members.rules.addresses import AddressForm, clean

GOOD = AddressForm(recipient="周一诺", phone="138 0000 0001", region_code="330106", detail="文三路 90 号 3 幢 502")


def with_(**changes: str) -> AddressForm:
    return AddressForm(**{**GOOD.__dict__, **changes})


def refusal(**changes: str) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        clean(with_(**changes))
    return caught.value.fields


def test_a_good_address_is_normalised() -> None:
    found = clean(with_(detail="  文三路\n90 号   3 幢\x00502 "))
    assert (found.recipient, found.phone, found.region) == ("周一诺", "13800000001", "浙江省 杭州市 西湖区")
    assert found.detail == "文三路 90 号 3 幢 502"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("recipient", " \n ", "请填写收货人姓名"),
        ("recipient", "长" * 21, "收货人姓名最多 20 个字"),
        ("phone", "12345", "请输入 11 位手机号"),
        ("region_code", "", "请选择省、市、区"),
        ("region_code", "330100", "请选择省、市、区"),
        ("region_code", "999999", "请选择省、市、区"),
        ("detail", "", "请填写街道、门牌号等详细地址"),
        ("detail", "三楼", "详细地址至少 4 个字"),
        ("detail", "路" * 101, "详细地址最多 100 个字"),
    ],
)
def test_a_wrong_field_has_its_sentence(field: str, value: str, sentence: str) -> None:
    assert refusal(**{field: value}) == {field: sentence}


def test_all_wrong_fields_are_named_at_once() -> None:
    assert set(refusal(recipient="", phone="x", region_code="", detail="")) == {
        "recipient",
        "phone",
        "region_code",
        "detail",
    }


def test_a_municipality_is_named_once() -> None:
    assert regions.full_name(district="110101") == "北京市 东城区"


def test_every_province_has_cities_and_every_city_districts() -> None:
    provinces = regions.provinces()
    assert len(provinces) == 34
    for province in provinces:
        cities = regions.cities(province=province.code)
        assert cities, province
        assert all(regions.districts(city=city.code) for city in cities), province


def test_codes_that_are_no_place_have_nothing_under_them() -> None:
    assert regions.cities(province="330100") == []
    assert regions.districts(city="33") == []
    assert regions.ancestors(district="330106") == ("330000", "330100")
    assert regions.ancestors(district="x") == ("", "")
