"""Files as answers, whole or a range of them (RFC 9110, 14)."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from fastapi import HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from vivavoce.errors import NotHereError

CHUNK_BYTES = 256 * 1024
"""Read at a time, in a thread: 3 s of stereo WAV."""
_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,15})-(\d{0,15})\s*", re.IGNORECASE)


async def send_file(request: Request, path: Path, media_type: str, *, filename: str) -> Response:
    """A file, or the one range of it that is asked for; several ranges, and what is no range, get the whole.

    The file is open before the answer begins: who deletes it meanwhile does not cut it short.

    Args:
        filename: what a browser saves it under; of letters that need no quoting.
    Raises:
        NotHereError: it is gone.
        HTTPException: 416, the range lies outside.
    """
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError:
        raise NotHereError("want a file of this call, got one that is gone") from None
    stat = os.fstat(file.fileno())
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'inline; filename="{filename}"',
        "ETag": etag,
        "Vary": "Accept",
    }
    start, end, status = 0, stat.st_size, 200
    if request.headers.get("if-range", etag) == etag:
        try:
            part = _part(request.headers.get("range", ""), stat.st_size)
        except HTTPException:
            file.close()
            raise
        if part is not None:
            (start, end), status = part, 206
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{stat.st_size}"
    headers["Content-Length"] = str(end - start)
    return StreamingResponse(_chunks(file, start, end), status, headers, media_type)


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for the whole.

    Raises:
        HTTPException: 416.
    """
    match = _RANGE.fullmatch(asked)
    if match is None or not (match[1] or match[2]):
        return None
    if match[1]:
        start, end = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None  # no range at all
    else:
        start, end = max(0, size - int(match[2])), size
    if start >= end:
        raise HTTPException(416, f"want a range within {size} bytes", headers={"Content-Range": f"bytes */{size}"})
    return start, end


async def _chunks(file: BinaryIO, start: int, end: int) -> AsyncIterator[bytes]:
    with file:
        await asyncio.to_thread(file.seek, start)
        while start < end:
            chunk = await asyncio.to_thread(file.read, min(CHUNK_BYTES, end - start))
            if not chunk:
                return  # it was cut short: the length that was promised tells the client
            start += len(chunk)
            yield chunk
