"""E-mail addresses, links and phone numbers as people say and type them."""

from __future__ import annotations

import re
import unicodedata

from vivavoce.agents.numbers import TEENS, TENS, UNITS

_SAID = {
    "at": "@",
    "dot": ".",
    "point": ".",
    "period": ".",
    "underscore": "_",
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
}
_SAID |= {"plus": "+", "slash": "/", "colon": ":"}
_EMAIL = re.compile(r"[a-z0-9._%+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_LEAD_IN = re.compile(
    r"^(?:(?:sure|yes|yeah|okay|ok|so|well|um|uh|please|it's|its|it is|that's|that is|my|our|the|an?|you can|write to|send it to|reach me"
    r"|e-?mail(?: address)?|address|website|site|page|link|number|phone|is|use)[\s,:]+)+"
)
_NUMBER_WORDS = {word: str(number) for word, number in (UNITS | TEENS | TENS).items()} | {"oh": "0", "o": "0"}


def email(text: str) -> str | None:
    """`dana@acme.com` from itself or from "dana at acme dot com"; letters spelled one by one are joined."""
    flat = _flat(text)
    typed = _EMAIL.findall(flat)
    if len(set(typed)) == 1:
        return str(typed[0]) if ".." not in typed[0] and not typed[0].startswith(".") else None
    if typed:
        return None
    said = _LEAD_IN.sub("", flat)
    joined = "".join(_SAID.get(word) or _digit(word) for word in re.findall(r"[a-z0-9]+|[@._%+-]", said))
    return joined if _EMAIL.fullmatch(joined) and ".." not in joined and not joined.startswith(".") else None


def url(text: str) -> str | None:
    """`https://acme.com/pricing` from itself, `acme.com/pricing` or "acme dot com slash pricing"; http and https only."""
    flat = _flat(text)
    scheme, path = "https", ""
    found = re.search(r"\b([a-z][a-z0-9+.-]*)://(\S+)", unicodedata.normalize("NFKC", text.strip()), re.IGNORECASE)
    if found:
        scheme, rest = found[1].lower(), found[2].rstrip(".,;!?)\"'")
    else:
        said = _LEAD_IN.sub("", flat).rstrip(".!?")
        rest = "".join(_SAID.get(word, word) for word in re.findall(r"[a-z0-9_%+&=#~-]+|[./:?]", said))
    host, slash, tail = rest.partition("/")
    host, _, port = host.lower().partition(":")
    path = slash + tail if slash else ""
    if scheme not in ("http", "https") or not _HOST.fullmatch(host) or "@" in host or len(rest) > 2000:
        return None
    if port and not re.fullmatch(r"[0-9]{1,5}", port):
        return None
    return f"{scheme}://{host}{':' + port if port else ''}{path}"


def phone(text: str) -> str | None:
    """Digits with a leading plus where one was said; 5 to 15 of them (E.164). "oh" is zero, "double five" is 55."""
    flat = _LEAD_IN.sub("", _flat(text))
    figures, plus, repeat = "", False, 1
    for word in re.findall(r"[a-z]+|[0-9]+|\+", flat):
        if word in ("plus", "+"):
            if figures:
                return None
            plus = True
        elif word in ("double", "triple"):
            repeat = 2 if word == "double" else 3
        elif word.isdigit() or word in _NUMBER_WORDS:
            figures, repeat = figures + _digit(word) * repeat, 1
        elif figures and word not in ("and", "dash", "minus", "extension"):
            return None
    return ("+" if plus else "") + figures if 5 <= len(figures) <= 15 else None


def _digit(word: str) -> str:
    return _NUMBER_WORDS.get(word, word) if len(word) > 1 else word


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).lower().split()).strip(" .,!?\"'<>")
