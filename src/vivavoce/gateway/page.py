"""What the page around a call tells of itself, as far as it is taken: names that the agent file lists, values in one
short line of plain text. Whoever makes the page wrote them, or whoever could write into it: nothing here is believed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from vivavoce.wire import caller as wire

ADDRESSES = frozenset({"page.url", "page.referrer"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_READ_CHARS = 4 * wire.MAX_CONTEXT_CHARS
"""Of a value that are looked at: what is cut out of it may have been most of its beginning."""
_JOINERS = "\u200c\u200d"
"""Not to be seen, and yet spelling in Persian and Hindi."""


def taken(allowed: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """What is told of `given`.

    Args:
        allowed: names as the agent file lists them; `data.*` stands for every name below `data`.
    """
    exact = {name for name in allowed if not name.endswith(".*")}
    below = tuple(name.removesuffix("*") for name in allowed if name.endswith(".*"))
    found: dict[str, str] = {}
    for name, value in given.items():
        if len(found) == wire.MAX_CONTEXT:
            break
        if len(name) > wire.MAX_CONTEXT_NAME_CHARS or not _NAME.fullmatch(name):
            continue
        if name not in exact and not name.startswith(below):
            continue
        if text := _plain(_address(value) if name in ADDRESSES else value):
            found[name] = text
    return found


def _plain(text: str) -> str:
    """One line of text that can be seen: no controls, and nothing that turns or hides what stands beside it."""
    seen = "".join(map(_visible, unicodedata.normalize("NFC", text[:_READ_CHARS])))
    return " ".join(seen.split())[: wire.MAX_CONTEXT_CHARS].rstrip()


def _visible(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Cc":
        return " "
    return "" if kind[0] == "C" and sign not in _JOINERS else sign


def _address(text: str) -> str:
    """Where a page is, without who asked, what they were looking for, or anything a form put there; of the query only
    what campaigns add. Empty for what is no address of the web.
    """
    try:
        parts = urlsplit(text[:_READ_CHARS].strip())
        host, port = parts.hostname or "", parts.port
        query = parse_qsl(parts.query, max_num_fields=100)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    place = f"[{host}]" if ":" in host else host
    campaign = urlencode([(name, value) for name, value in query if name.startswith("utm_")])
    return urlunsplit((parts.scheme, place if port is None else f"{place}:{port}", parts.path, campaign, ""))
