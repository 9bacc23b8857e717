from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from rest_framework import exceptions

from config.core.errors import DomainError, InvalidInput, NotFound
from config.refusals import DomainErrorMiddleware, api_exception_handler


class TooFewPoints(DomainError):
    code = "too_few_points"
    message = "积分不足：还差 {missing} 分"
    field = "points"


class PriceRose(DomainError):
    code = "price_rose"
    message = "{name}涨价了"
    public_facts = {"payable_cents": "现在应付（分）"}


def answer(error: Exception) -> tuple[int, Any]:
    response = api_exception_handler(error, {})
    assert response is not None
    return response.status_code, response.data


def test_the_api_answers_a_refusal_with_its_code_sentence_and_field():
    assert answer(TooFewPoints(missing=20)) == (
        409,
        {
            "code": "too_few_points",
            "message": "积分不足：还差 20 分",
            "fields": {"points": ["积分不足：还差 20 分"]},
            "facts": {},
        },
    )


def test_the_api_names_the_facts_that_are_public_and_no_others():
    assert answer(PriceRose(name="茶", payable_cents=21_000, cost_cents=9_000)) == (
        409,
        {"code": "price_rose", "message": "茶涨价了", "fields": {}, "facts": {"payable_cents": 21_000}},
    )


def test_the_api_answers_invalid_input_at_each_field():
    assert answer(InvalidInput(phone="请输入手机号", code="请输入验证码")) == (
        400,
        {
            "code": "invalid",
            "message": "请输入手机号；请输入验证码",
            "fields": {"phone": ["请输入手机号"], "code": ["请输入验证码"]},
            "facts": {},
        },
    )


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (exceptions.NotAuthenticated(), 401, "not_authenticated", "请先登录"),
        (exceptions.AuthenticationFailed("Invalid token."), 401, "authentication_failed", "登录已失效，请重新登录"),
        (exceptions.PermissionDenied(), 403, "permission_denied", "没有权限进行此操作"),
        (PermissionDenied(), 403, "permission_denied", "没有权限进行此操作"),
        (exceptions.NotFound(), 404, "not_found", "内容不存在或已失效"),
        (Http404(), 404, "not_found", "内容不存在或已失效"),
        (NotFound(), 404, "not_found", "内容不存在或已失效"),
        (exceptions.MethodNotAllowed("POST"), 405, "method_not_allowed", "不支持这种请求方式"),
        (exceptions.ParseError(), 400, "parse_error", "请求内容无法解析"),
        (exceptions.UnsupportedMediaType("text/csv"), 415, "unsupported_media_type", "请使用 JSON 格式"),
        (exceptions.NotAcceptable(), 406, "not_acceptable", "无法以该格式返回"),
        (exceptions.Throttled(), 429, "throttled", "操作太频繁，请稍后再试"),
        (exceptions.APIException(), 500, "error", "请求未完成"),
    ],
)
def test_every_error_of_the_framework_has_the_one_shape_in_chinese(
    error: Exception, status: int, code: str, message: str
):
    assert answer(error) == (status, {"code": code, "message": message, "fields": {}, "facts": {}})


def test_validation_errors_stand_at_their_fields():
    assert answer(exceptions.ValidationError({"quantity": ["请填写整数"]})) == (
        400,
        {"code": "invalid", "message": "请检查填写的内容", "fields": {"quantity": ["请填写整数"]}, "facts": {}},
    )
    assert answer(exceptions.ValidationError("两次输入不一致"))[1]["fields"] == {"non_field_errors": ["两次输入不一致"]}


def test_a_programming_error_stays_one():
    assert api_exception_handler(ZeroDivisionError(), {}) is None


class TestPages:
    def refuse(self, error: Exception, *, is_htmx: bool = False, referer: str = "") -> HttpResponse | None:
        request = RequestFactory().post("/cart/", headers={"Referer": referer} if referer else {})
        request.htmx = is_htmx
        request._messages = CookieStorage(request)
        self.request: HttpRequest = request
        return DomainErrorMiddleware(lambda _: HttpResponse()).process_exception(request, error)

    def test_a_page_goes_back_where_it_came_from_and_says_why(self):
        response = self.refuse(TooFewPoints(missing=20), referer="http://testserver/cart/?from=home")
        assert response is not None
        assert (response.status_code, response["Location"]) == (302, "http://testserver/cart/?from=home")
        assert [str(message) for message in get_messages(self.request)] == ["积分不足：还差 20 分"]

    @pytest.mark.parametrize(
        "referer",
        [
            "",
            "https://evil.example/",
            "javascript:alert(1)",
            "//evil.example",
            "abc",
            "/cart/",
            "http:///cart/",
            "http://[",
        ],
    )
    def test_a_page_never_goes_back_to_another_site(self, referer: str):
        response = self.refuse(TooFewPoints(missing=20), referer=referer)
        assert response is not None
        assert (response.status_code, response["Location"]) == (302, "/")

    def test_a_page_that_refuses_to_be_reloaded_does_not_go_back_to_itself(self):
        request = RequestFactory().get("/checkout/", headers={"Referer": "http://testserver/checkout/"})
        request._messages = CookieStorage(request)
        middleware = DomainErrorMiddleware(lambda _: HttpResponse())
        assert middleware.process_exception(request, TooFewPoints(missing=20))["Location"] == "/"

    def test_htmx_gets_a_toast_and_swaps_nothing(self):
        response = self.refuse(TooFewPoints(missing=20), is_htmx=True)
        assert response is not None
        assert (response.status_code, response["HX-Reswap"]) == (409, "none")
        assert "toast" in response["HX-Trigger"]

    def test_a_programming_error_is_left_to_django(self):
        assert self.refuse(ZeroDivisionError()) is None
