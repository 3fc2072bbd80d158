"""Bodies of answers: read as far as they may go, unpacked no further, and seen to be JSON before anybody reads them."""

from __future__ import annotations

import zlib
from typing import Any

import httpx
import msgspec

from vivavoce.studies.sources.answers import UNREADABLE, Answer, changed, failed
from vivavoce.studies.sources.errors import EndlessError

_JSON = frozenset({"application/json", "text/json", "text/javascript", "application/javascript"})
"""The App Store's feeds call their JSON a script."""


async def body_of(place: str, answer: httpx.Response, *, most_bytes: int, packed: bool) -> bytes:
    """
    Args:
        most_bytes: unpacked.
        packed: whether gzip is taken.
    Raises:
        EndlessError: it goes on beyond that.
        SourceError: `changed`: it is packed in another way. `transient`: it breaks off, or cannot be unpacked.
    """
    packing = answer.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", *(("gzip", "x-gzip") if packed else ())):
        wanted = "an answer plain or in gzip, got another encoding" if packed else "a plain answer, got a packed one"
        raise changed(place, wanted)
    unpack = zlib.decompressobj(wbits=31) if "gzip" in packing else None
    data = bytearray()
    async for piece in answer.aiter_raw():
        # never a byte more than may be: a few packed ones can be gigabytes
        data += piece if unpack is None else _unpacked(place, unpack, piece, most_bytes + 1 - len(data))
        if len(data) > most_bytes:
            raise EndlessError(place, most_bytes)
        if unpack is not None and unpack.unused_data:  # behind its end there is nothing for us, however long it goes on
            break
    if unpack is not None and data and not unpack.eof:
        raise failed(place, "its answer broke off")
    return bytes(data)


def check_json(answer: Answer) -> None:
    """
    Raises:
        SourceError: `changed`: it is said to be something else. `transient`: it is broken.
    """
    media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media and media not in _JSON and not media.endswith("+json"):
        known = media if media.isascii() and len(media) <= 40 else "something else"
        raise changed(answer.place, f"JSON, got {known}")
    try:
        msgspec.json.decode(answer.data, type=msgspec.Raw)
    except UNREADABLE:
        # a line that was cut and a service that writes nonsense look alike; the first is far more frequent
        raise failed(answer.place, "its JSON is broken or breaks off") from None


def _unpacked(place: str, unpack: Any, piece: bytes, most: int) -> bytes:
    try:
        data: bytes = unpack.decompress(piece, most)
    except zlib.error:
        raise failed(place, "what it sent cannot be unpacked") from None
    return data
