"""What announces a body beyond any upload of a member is refused before it is read."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


class Unread(BytesIO):
    """A body that nobody may touch."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def test_an_upload_of_100_mb_is_refused_unread() -> None:
    answer = Client().generic(
        "POST", "/profile/avatar/", **{"CONTENT_LENGTH": str(100 * 1024 * 1024), "wsgi.input": Unread()}
    )
    assert (answer.status_code, "一次最多上传 10 MB" in answer.content.decode()) == (413, True)


def test_a_picture_of_10_mb_is_looked_at() -> None:
    answer = Client().post("/profile/avatar/", {"image": b"x"}, CONTENT_LENGTH="100")
    assert answer.status_code == 302  # to the log-in


def test_a_header_that_is_no_number_is_no_reason() -> None:
    assert Client().get("/", CONTENT_LENGTH="-5").status_code == 200
