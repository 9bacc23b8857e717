import pytest

from config.core.errors import DomainError, InvalidInput, NotFound


class TooFewPoints(DomainError):
    code = "too_few_points"
    message = "积分不足：还差 {missing} 分"
    field = "points"


def test_a_refusal_carries_its_facts_and_says_them():
    error = TooFewPoints(missing=20, available=40)
    assert (error.text, error.facts, error.code) == (
        "积分不足：还差 20 分",
        {"missing": 20, "available": 40},
        "too_few_points",
    )
    assert (error.http_status, error.field) == (409, "points")


def test_a_refusal_without_a_fact_that_it_names_is_a_programming_error():
    with pytest.raises(KeyError, match="missing"):
        TooFewPoints()


def test_invalid_input_names_each_field():
    error = InvalidInput(phone="请输入 {11} 位手机号", code="请输入验证码")
    assert error.fields == {"phone": "请输入 {11} 位手机号", "code": "请输入验证码"}
    assert (error.text, error.http_status) == ("请输入 {11} 位手机号；请输入验证码", 400)


def test_what_is_not_found_answers_404():
    assert (NotFound().code, NotFound().http_status) == ("not_found", 404)
