"""A picture that is none, or far too much of one, is refused in Chinese and nothing is stored."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from members.models import Member
from tests.api.conftest import Api
from tests.members.test_avatars import a_bomb, a_photo

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
NO_PICTURE = "图片无法使用：不是有效的 JPG、PNG、WebP 或 GIF 图片"


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def send(api: Api, name: str, content: bytes, kind: str) -> Any:
    upload = SimpleUploadedFile(name, content, kind)
    return api.put("me/avatar/picture/", {"image": upload}, format="multipart")


@pytest.mark.parametrize(
    ("name", "content", "kind", "sentence"),
    [
        ("bomb.png", a_bomb().read(), "image/png", "图片无法使用：边长超过 6000 像素"),
        ("me.svg", SCRIPT, "image/svg+xml", NO_PICTURE),
        ("me.png", SCRIPT, "image/png", NO_PICTURE),
        ("me.jpg", a_photo().read()[:500], "image/jpeg", NO_PICTURE),
    ],
    ids=["bomb", "svg", "svg as png", "cut short"],
)
def test_what_is_no_picture_is_refused_and_not_stored(
    api: Api, media: Path, name: str, content: bytes, kind: str, sentence: str
) -> None:
    answer = send(api, name, content, kind)
    assert (answer.status_code, answer.json()["message"]) == (400, sentence)
    assert (Member.objects.get().avatar, list(media.rglob("*.*"))) == ("person", [])


def test_a_good_picture_is_taken_by_the_same_call(api: Api, media: Path) -> None:
    assert send(api, "me.jpg", a_photo().read(), "image/jpeg").status_code == 200
    assert Member.objects.get().avatar.startswith("avatars/")


def test_an_upload_of_100_mb_is_refused_by_its_length(api: Api, media: Path) -> None:
    answer = api.generic(
        "PUT", "me/avatar/picture/", b"", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(100 * 1024 * 1024),
    )  # fmt: skip
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/json")
    assert answer.json() == {
        "code": "body_too_large",
        "message": "请求内容过大，一次最多上传 10 MB",
        "fields": {},
        "facts": {"kilobytes": 10_240},
    }
    assert Member.objects.get().avatar == "person"
