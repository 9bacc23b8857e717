"""Pictures of members: their pixels are kept and nothing else."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from PIL import Image

from config.core.errors import InvalidInput
from config.core.pictures import BadPicture, clean_picture
from members.models import Member
from members.services.avatars import choose_avatar, upload_avatar
from tests.members.factories import a_member

GPS = 0x8825
_NOT_A_PICTURE = "图片无法使用：不是有效的 JPG、PNG、WebP 或 GIF 图片"


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def a_photo(size: tuple[int, int] = (1600, 900), kind: str = "JPEG") -> IO[bytes]:
    """A picture with a place, a camera and a comment in it."""
    picture, out, exif = Image.new("RGB", size, "#2f6f4f"), BytesIO(), Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    exif.get_ifd(GPS)[2] = (30.0, 15.0, 0.0)
    picture.save(out, kind, exif=exif)
    out.seek(0)
    return out


def a_bomb(side: int = 13_000) -> IO[bytes]:
    """A PNG of 13,000 × 13,000 pixels in a few kilobytes: its header is true, its pixels would be 507 MB."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000), 9)
    return BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def size_of(upload: IO[bytes]) -> int:
    return len(upload.read()) + upload.seek(0)


def stored(media: Path) -> list[str]:
    return sorted(path.name for path in (media / "avatars").glob("*")) if (media / "avatars").exists() else []


def test_a_photo_becomes_a_small_square_without_where_and_how_it_was_taken() -> None:
    photo = a_photo()
    assert b"SECRET-CAMERA" in photo.read()
    photo.seek(0)
    kept = clean_picture(photo, size=1, side=320, is_square=True).read()
    picture = Image.open(BytesIO(kept))
    assert (picture.format, picture.size, dict(picture.getexif())) == ("WEBP", (320, 320), {})
    assert b"SECRET" not in kept
    assert b"EXIF" not in kept


def test_a_small_picture_is_not_blown_up() -> None:
    kept = clean_picture(a_photo((60, 90), "PNG"), size=1, side=320, is_square=True)
    assert Image.open(BytesIO(kept.read())).size == (60, 60)


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (a_bomb(), "图片无法使用：边长超过 6000 像素"),
        (BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"), _NOT_A_PICTURE),
        (BytesIO(b""), _NOT_A_PICTURE),
        (BytesIO(a_photo().read()[:500]), _NOT_A_PICTURE),
        (BytesIO(b"GIF89a<script>alert(1)</script>"), _NOT_A_PICTURE),
    ],
    ids=["bomb", "svg", "empty", "cut short", "script in disguise"],
)
def test_what_is_no_picture_is_refused(upload: IO[bytes], sentence: str) -> None:
    with pytest.raises(BadPicture) as refusal:
        clean_picture(upload, size=size_of(upload))
    assert refusal.value.text == sentence


def test_a_file_too_large_is_refused_unread() -> None:
    with pytest.raises(BadPicture) as refusal:
        clean_picture(BytesIO(b"x"), size=100 * 1024 * 1024)
    assert refusal.value.text == "图片无法使用：文件超过 10 MB"


@pytest.mark.django_db(transaction=True)
def test_a_new_picture_takes_the_place_of_the_old_file(media: Path) -> None:
    member = a_member()
    first = upload_avatar(member_id=member.pk, upload=a_photo(), size=1)
    second = upload_avatar(member_id=member.pk, upload=a_photo(kind="PNG"), size=1)
    assert first != second
    assert (Member.objects.get().avatar, stored(media)) == (second, [Path(second).name])
    assert len(second) <= 40


@pytest.mark.django_db
def test_one_of_the_shops_pictures_takes_the_upload_away(media: Path) -> None:
    member = a_member()
    (media / "avatars").mkdir()
    (media / "avatars" / "own.webp").write_bytes(b"x")
    Member.objects.filter(pk=member.pk).update(avatar="avatars/own.webp")
    with TestCase.captureOnCommitCallbacks(execute=True):
        choose_avatar(member_id=member.pk, avatar="panda")
    assert (Member.objects.get().avatar, stored(media)) == ("panda", [])
    with pytest.raises(InvalidInput):
        choose_avatar(member_id=member.pk, avatar="../../etc/passwd")


@pytest.mark.django_db(transaction=True)
def test_the_page_takes_a_photo_and_serves_it_as_nothing_but_a_picture(client: Client, media: Path) -> None:
    member = a_member()
    client.force_login(member.user)
    photo = SimpleUploadedFile("me.svg", a_photo().read(), "image/svg+xml")  # names and types of senders are nothing
    assert client.post("/profile/avatar/", {"image": photo}).status_code == 302
    url = f"/media/{Member.objects.get().avatar}"
    assert f'src="{url}"' in client.get("/profile/").content.decode()
    answer = client.get(url)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/webp", "nosniff")


@pytest.mark.django_db(transaction=True)
def test_the_page_says_what_is_wrong_and_stores_nothing(client: Client, media: Path) -> None:
    client.force_login(a_member().user)
    bomb = SimpleUploadedFile("bomb.png", a_bomb().read(), "image/png")
    answer = client.post("/profile/avatar/", {"image": bomb})
    assert (answer.status_code, "边长超过 6000 像素" in answer.content.decode()) == (422, True)
    assert client.post("/profile/avatar/", {"avatar": "dragon"}).status_code == 422
    assert (Member.objects.get().avatar, stored(media)) == ("person", [])
