"""Uploaded pictures: decoded, bounded and encoded anew, so that nothing but pixels is kept."""

import struct
from io import BytesIO
from typing import IO

from django.core.files.base import ContentFile
from PIL import Image, ImageOps, UnidentifiedImageError

from config.core.errors import DomainError
from config.core.random_numbers import public_number

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_MAX_BYTES = 10 * 1024 * 1024
_MAX_SIDE = 6000
_TOO_LARGE = f"边长超过 {_MAX_SIDE} 像素"
# what decoders raise for files that are no pictures, or broken ones
_BROKEN = (UnidentifiedImageError, OSError, ValueError, TypeError, IndexError, SyntaxError, EOFError, struct.error)


class BadPicture(DomainError):
    """The upload is no picture we take; `reason` says why in Chinese."""

    code = "bad_picture"
    message = "图片无法使用：{reason}"
    http_status = 400
    field = "image"


def clean_picture(upload: IO[bytes], *, size: int, side: int = 1200, is_square: bool = False) -> "ContentFile[bytes]":
    """A WebP file of at most `side` pixels a side with a random name; `size` is the upload's bytes.

    `is_square` cuts the middle out. Nothing of the upload but its pixels is kept. Raises BadPicture.
    """
    if size > _MAX_BYTES:
        raise BadPicture(reason=f"文件超过 {_MAX_BYTES // 1024 // 1024} MB")
    try:
        upright = _decoded(upload, side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture(reason=_TOO_LARGE) from error
    except _BROKEN as error:
        raise BadPicture(reason="不是有效的 JPG、PNG、WebP 或 GIF 图片") from error
    if is_square:
        upright = ImageOps.fit(upright, (min(side, *upright.size),) * 2)
    upright.thumbnail((side, side))
    pixels = upright.convert("RGBA" if upright.mode in {"RGBA", "LA", "P"} else "RGB")
    pixels.info.clear()
    out = BytesIO()
    pixels.save(out, "WEBP", quality=82)
    return ContentFile(out.getvalue(), name=f"{public_number(16)}.webp")


def _decoded(upload: IO[bytes], side: int) -> Image.Image:
    """The picture as it should be seen; its size is read from the header before any pixel is."""
    picture = Image.open(upload, formats=_FORMATS)
    if max(picture.size) > _MAX_SIDE:
        raise BadPicture(reason=_TOO_LARGE)
    picture.draft("RGB", (side * 2, side * 2))  # a photo is decoded at the size at which it is needed
    picture.load()
    return ImageOps.exif_transpose(picture)
