"""E-mail addresses, links and phone numbers as people say and type them."""

from __future__ import annotations

import re
import unicodedata

from vivavoce.agents.numberwords import SMALL, WORDS

_SAID = {"at": "@", "dot": ".", "point": ".", "period": ".", "underscore": "_", "dash": "-", "hyphen": "-"}
_SAID |= {"minus": "-", "plus": "+", "slash": "/", "colon": ":"}
_EMAIL = re.compile(r"[a-z0-9._%+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_URL = re.compile(
    r"(?<![@\w.])(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,20})://)?(?P<host>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+)"
    r"(?P<rest>(?::[0-9]{1,5})?(?:/\S*)?)"
)
_LEAD_IN = re.compile(
    r"^(?:(?:sure|yes|yeah|okay|ok|so|well|um|uh|please|it's|its|it is|that's|that is|is|my|our|the|an?|use|you can"
    r"|write to|send it to|reach me at|reach me on|e-?mail(?: address)?|address|website|site|page|link|number|phone)"
    r"[\s,:]+)+"
)
_NUMBER_WORDS = {word: str(number) for word, number in SMALL.items()} | {"oh": "0", "o": "0"}


def email(text: str) -> str | None:
    """`dana@acme.com` from itself or from "dana at acme dot com"; letters spelled one by one are joined."""
    flat = _flat(text)
    typed = set(_EMAIL.findall(flat))
    if not typed:
        row = _row(_LEAD_IN.sub("", flat))
        if "@" not in row:
            return None
        at = len(row) - 1 - row[::-1].index("@")
        typed = {f"{_joined(row[:at])}@{_host(row[at + 1 :])[0]}"}
    found = typed.pop()
    sound = not typed and _EMAIL.fullmatch(found) and ".." not in found and found[0] != "." and ".@" not in found
    return found if sound else None


def url(text: str) -> str | None:
    """`https://acme.com/pricing` from itself, `acme.com/pricing` or "acme dot com slash pricing"; only http(s)."""
    found = _URL.search(unicodedata.normalize("NFKC", text))
    if found:
        scheme, host = (found["scheme"] or "https").lower(), found["host"].lower()
        rest = found["rest"].rstrip(".,;!?)\"'")
        known = scheme in ("http", "https") and _HOST.fullmatch(host) and len(rest) < 2000
        return f"{scheme}://{host}{rest}" if known else None
    host, behind = _host(_row(_LEAD_IN.sub("", _flat(text))))
    path = ""
    while len(behind) > 1 and behind[0] == "/" and behind[1].isalnum():
        path, behind = f"{path}/{behind[1]}", behind[2:]
    return f"https://{host}{path}" if _HOST.fullmatch(host) else None


def _row(said: str) -> list[str]:
    """Words and signs, each said sign as itself, and spelled letters joined to words."""
    row: list[str] = []
    spelling = False
    for word in _counted(re.findall(r"[a-z0-9]+|[@._%+/-]", said)):
        sign = _SAID.get(word) or _digit(word)
        letter = len(sign) == 1 and sign.isalnum()
        if letter and spelling:
            row[-1] += sign
        else:
            row.append(sign)
        spelling = letter
    return row


def _joined(row: list[str]) -> str:
    """The parts as one name; more than two words in a row are a sentence, not a name."""
    runs = re.findall(r"w+", "".join("w" if part.isalnum() else "s" for part in row))
    return "".join(row) if max(map(len, runs), default=0) <= 2 else ""


def _host(row: list[str]) -> tuple[str, list[str]]:
    """The host that begins a row, one word behind each dot, and what follows it."""
    if "." not in row:
        return "", row
    first = row.index(".")
    host, end = _joined(row[:first]), first
    while end + 1 < len(row) and row[end] == "." and row[end + 1].isalnum():
        host, end = f"{host}.{row[end + 1]}", end + 2
    return host, row[end:]


def phone(text: str) -> str | None:
    """Digits with a leading plus where one was said; 5 to 15 of them (E.164). "oh" is zero, "double five" is 55."""
    flat = _LEAD_IN.sub("", _flat(text))
    figures, plus, repeat = "", False, 1
    for word in _counted(re.findall(r"[a-z]+|[0-9]+|\+", flat)):
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


def _counted(words: list[str]) -> list[str]:
    """The words with "forty two" as 42."""
    found: list[str] = []
    for at, word in enumerate(words):
        if at and words[at - 1] in WORDS.tens and WORDS.units.get(word, 0) > 0:
            found[-1] = str(WORDS.tens[words[at - 1]] + WORDS.units[word])
        else:
            found.append(word)
    return found


def _digit(word: str) -> str:
    return _NUMBER_WORDS.get(word, word) if len(word) > 1 else word


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).lower().split()).strip(" .,!?\"'<>")
