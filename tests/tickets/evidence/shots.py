"""Photos to test with: real ones, small, each like no other, with what a camera says in them."""

from __future__ import annotations

import io
from datetime import datetime
from itertools import count

from PIL import ExifTags, Image

_NUMBERS = count(1)


def photo(
    taken: datetime | str | None = None,
    *,
    offset: str = "",
    size: tuple[int, int] = (32, 24),
    orientation: int = 0,
    gps: bool = False,
    kind: str = "JPEG",
    number: int = 0,
) -> bytes:
    """A picture; `taken` is the camera's DateTimeOriginal, `offset` its OffsetTimeOriginal."""
    number = number or next(_NUMBERS)
    colour = (number * 37 % 256, number * 101 % 256, number * 173 % 256)
    image, exif = Image.new("RGB", size, colour), Image.Exif()
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    if taken is not None:
        said = taken if isinstance(taken, str) else taken.strftime("%Y:%m:%d %H:%M:%S")
        inner[ExifTags.Base.DateTimeOriginal] = said
    if offset:
        inner[ExifTags.Base.OffsetTimeOriginal] = offset
    if orientation:
        exif[ExifTags.Base.Orientation] = orientation
    if gps:
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
        exif[ExifTags.Base.Make] = "SECRET-CAMERA"
    written = io.BytesIO()
    image.save(written, kind, exif=exif, comment=f"{number}") if kind == "JPEG" else image.save(written, kind)
    return written.getvalue()
