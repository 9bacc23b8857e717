"""Pictures of goods."""

from config.core.pictures import BadPicture, clean_picture

__all__ = ["BadPicture", "clean_picture"]
