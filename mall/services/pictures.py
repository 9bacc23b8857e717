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
_KEPT_SIDE = 1200
_TOO_LARGE = f"边长超过 {_MAX_SIDE} 像素"
# what decoders raise for files that are no pictures, or broken ones
_BROKEN = (UnidentifiedImageError, OSError, ValueError, TypeError, IndexError, SyntaxError, EOFError, struct.error)


class BadPicture(DomainError):
    """The upload is no picture we take; `reason` says why in Chinese."""

    code = "bad_picture"
    message = "图片无法使用：{reason}"
    http_status = 400
    field = "image"


def clean_picture(upload: IO[bytes], *, size: int) -> "ContentFile[bytes]":
    """A WebP file of at most 1200 px a side with a random name. Raises BadPicture; `size` is the upload's bytes."""
    if size > _MAX_BYTES:
        raise BadPicture(reason="文件超过 10 MB")
    try:
        upright = _decoded(upload)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture(reason=_TOO_LARGE) from error
    except _BROKEN as error:
        raise BadPicture(reason="不是有效的 JPG、PNG、WebP 或 GIF 图片") from error
    upright.thumbnail((_KEPT_SIDE, _KEPT_SIDE))
    out = BytesIO()
    upright.convert("RGBA" if upright.mode in {"RGBA", "LA", "P"} else "RGB").save(out, "WEBP", quality=82)
    return ContentFile(out.getvalue(), name=f"{public_number(16)}.webp")


def _decoded(upload: IO[bytes]) -> Image.Image:
    """The picture as it should be seen; its size is read from the header before any pixel is."""
    picture = Image.open(upload, formats=_FORMATS)
    if max(picture.size) > _MAX_SIDE:
        raise BadPicture(reason=_TOO_LARGE)
    picture.load()
    return ImageOps.exif_transpose(picture)
