"""The browser's files as `make web` has built them: kept in memory, read again when they were built anew."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "static"
LANGUAGES = (
    "ar", "cs", "da", "de", "en", "es", "fa", "fi", "fr", "he", "hi", "id", "it", "ja", "ko", "nl", "pl", "pt", "ru",
    "tr", "zh",
)  # fmt: skip
"""What the widget's own words are there in. English is built in, the others are files of their own."""
KINDS = {
    **dict.fromkeys(
        (
            "embed.js", "viva-widget.js", "viva-more.js", "viva.js", "viva-audio.js", "viva-worker.js",
            "viva-inline.js", "viva-extras.js", "viva-help.js",
            *(f"viva-lang-{tag}.js" for tag in LANGUAGES if tag != "en"), "talk.js",
        ),
        "text/javascript",
    ),
    "talk.css": "text/css",
    "licenses.txt": "text/plain",
}  # fmt: skip
"""Every file there is, and its media type. No name of a request becomes a path unless it stands here."""
NEEDED = ("embed.js", "viva-widget.js", "viva-more.js", "viva.js", "talk.js", "talk.css")
"""What a page to talk on cannot do without."""


class BuiltFile(msgspec.Struct, frozen=True):
    """`tag` is an entity tag without quotes, of the content alone."""

    body: bytes
    packed: bytes
    """The body after gzip."""
    tag: str


class BuiltFiles:
    """Any thread may ask.

    Args:
        folder: where they were built.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._kept: dict[str, tuple[tuple[int, int], BuiltFile]] = {}

    def has_page(self) -> bool:
        """Whether all that a page to talk on needs was built."""
        return all((self._folder / name).is_file() for name in NEEDED)

    def find(self, name: str) -> BuiltFile | None:
        """A file by its name; None when there is none of this name, or it was not built. Blocks."""
        if name not in KINDS:
            return None
        path = self._folder / name
        try:
            status = path.stat()
            state = (status.st_mtime_ns, status.st_size)
            kept = self._kept.get(name)
            if kept is not None and kept[0] == state:
                return kept[1]
            body = path.read_bytes()
        except OSError:
            return None
        # without a moment in it, the same content packs to the same bytes
        found = BuiltFile(body, gzip.compress(body, mtime=0), hashlib.sha256(body).hexdigest()[:32])
        self._kept[name] = (state, found)
        return found
