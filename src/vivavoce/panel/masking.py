"""Personal data in what people wrote, put out of sight before anything is stored. What they mean stays readable.

Patterns find what has a form: addresses, numbers, handles, keys. They do not find a name in the middle of a sentence;
what is masked is therefore less personal, and not anonymous.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from ipaddress import ip_address

_LATIN = r"A-Za-z0-9_À-ɏ"
"""Of these words are made that have spaces around them. Where there are none between words, as in Chinese, Japanese and
Thai, what is looked for ends where other letters begin: they are no part of an address."""
_LINK = re.compile(
    rf"(?<![{_LATIN}])(?:(?:https?|ftp)://[^\s<>\"'\])}}]{{1,2000}}|www\.[^\s<>\"'\])}}]{{1,2000}})", re.IGNORECASE
)
_PROFILE = re.compile(
    r"(?:https?://)?(?:[\w-]{1,20}\.)?(?:linkedin\.com/in|facebook\.com|fb\.com|instagram\.com|twitter\.com|x\.com|t\.me"
    r"|tiktok\.com|reddit\.com/u(?:ser)?|github\.com|gitlab\.com|medium\.com|wa\.me|youtube\.com/@|mastodon\.social"
    r"|news\.ycombinator\.com/user|keybase\.io|paypal\.me|calendly\.com)(?:/[\w.@%+-]{1,80})?/?",
    re.IGNORECASE,
)
"""A page that is a person. With more path behind it (a repository, a post) it is a place."""
_BARE_PROFILE = re.compile(
    rf"(?<![{_LATIN}])(?:linkedin\.com/in|facebook\.com|instagram\.com|twitter\.com|t\.me|wa\.me|paypal\.me)"
    r"/[\w.@%+-]{1,80}",
    re.IGNORECASE,
)
_KEY = re.compile(
    rf"(?<![{_LATIN}])"
    r"(?:(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}+|gh[pousr]_[A-Za-z0-9]{20,100}|github_pat_\w{20,100}|glpat-[\w-]{16,}+"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}+|A[KS]IA[A-Z0-9]{16}|AIza[\w-]{30,}+|ya29\.[\w-]{20,}+"
    r"|eyJ[\w-]{8,2000}\.[\w-]{8,4000}(?:\.[\w-]{0,1000})?)(?![A-Za-z0-9_-])"
)
"""Where a hyphen is part of a key it ends where no sign of it follows, however long it is: of a row of them the end
alone would be masked otherwise, and each round would find one more.
"""
_PEM = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
    # to its end; or, where that was cut off, as far as it looks like one
    r"(?:(?:[^-]|-(?!----))*+-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
    r"|(?:(?:\s|\\[nr])*+[A-Za-z0-9+/=]{20,}+)*(?:\\[nr])*)"
)
_SECRET = re.compile(
    r"(?i)(?<![a-z0-9])"
    r"(bearer|api[ _-]?key|(?:secret|private|access)_(?:access_)?key|token|secret|password|passwort|passwd|pwd)"
    r"([\"']?\s*[:=]\s*[\"']?|\s+is:?\s+)(\S{4,200})"
)
_BARE_PASSWORD = re.compile(
    rf"(?i)(?<![{_LATIN}])(password|passwort|passwd|pwd)([ \t]+)"
    r"(?!(?:aes|argon|base|galaxy|ios|ipad|iphone|iso|oauth|office|pbkdf|rfc|sha|utf|version|windows)[ -]?\d)"
    r"((?=[a-z]+\d)[^\s\"'<>()\[\],;/]{6,100})"
)
"""Behind the word alone: letters and then a digit, as hardly a word has, and no name of a method or of a product."""
_EMAIL = re.compile(
    rf"(?<![{_LATIN}.+%-])[{_LATIN}.+%-]{{1,64}}@(?:[{_LATIN}-]{{1,63}}\.){{1,8}}[A-Za-zÀ-ɏ]{{2,24}}(?![{_LATIN}@])"
)
_FOREIGN_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@])")
"""In other letters; looked for second, since it takes along what stands around an address in Latin ones."""
_ASCII = "A-Za-z0-9_"
_SAID_DOT = r"(?:\s{0,2}[\[({]\s?(?:dot|punkt|punto|point)\s?[\])}]\s{0,2}|\s(?:dot|punkt|punto|point)\s)"
_DOT = rf"(?:\.|{_SAID_DOT})"
_TOP = r"(?:com|net|org|edu|gov|io|co|me|dev|app|info|de|fr|es|it|nl|uk|ru|pl|eu|ch|at|br|in|us|ca|au|jp|cn)"
_TOP = rf"{_TOP}(?![{_ASCII}])"
_SPOKEN_EMAIL = re.compile(
    rf"(?<![\w.+-])[\w.+-]{{1,64}}(?:\s{{0,2}}[\[({{]\s?(?:at|@|arroba)\s?[\])}}]\s{{0,2}}|\s@\s)"
    rf"[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,4}}{_DOT}{_TOP}"
    # a bare "at" says it is an address only together with a bare "dot": people meet at example.com
    rf"|(?<![\w.+-])[\w.+-]{{1,64}}\sat\s[\w-]{{1,63}}(?:{_SAID_DOT}[\w-]{{1,63}}){{0,4}}{_SAID_DOT}{_TOP}",
    re.IGNORECASE,
)
_FEDIVERSE = re.compile(rf"(?<![{_LATIN}@.])@" r"[\w.-]{1,40}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_HANDLE = re.compile(
    rf"(?<![{_LATIN}@/.:#&=+-])@[A-Za-z0-9_](?:[{_LATIN}.-]{{0,38}}[{_LATIN}])?(?![{_LATIN}/@]|\.[{_LATIN}])"
)
"""Not the scope of a package, which a slash follows (`@angular/core`)."""
_USER = re.compile(rf"(?<![{_LATIN}/])/?u/[{_LATIN}-]{{3,20}}(?![{_LATIN}])")
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?|[a-z]{2}\d{2}[a-z0-9]{11,30})"
    r"(?![A-Za-z0-9])"
)
"""In small letters without gaps only: a word that follows would be taken along."""
_WALLET = re.compile(
    r"(?<![A-Za-z0-9])(?:0x[0-9a-fA-F]{40}|(?:bc1|BC1)[02-9ac-hj-np-zAC-HJ-NP-Z]{39,59}|[13][1-9A-HJ-NP-Za-km-z]{25,34})"
    r"(?![A-Za-z0-9])"
)
"""Of Ethereum and of Bitcoin, in both of its forms."""
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_TAGGED = re.compile(r"(?<![\w.#])[\w.]{2,32}#\d{4}(?!\w)")
_DISCORD = re.compile(r"\bdiscord\b", re.IGNORECASE)
"""A name and four digits is a person there; elsewhere it is a repository and an issue."""
_DIGITS = re.compile(
    r"(?<![A-Za-z0-9])(?<!\d[.,])(?:\+|00)?\(?\d(?:[ \u00a0()./\u2010-\u2013-]{0,3}\d){6,18}(?![A-Za-z0-9]|[.,]\d)"
)
"""Behind a dot or a comma, too (`Tel.030…`), unless it is that of a number or a version."""
_GLUED = re.compile(r"(?<=[A-Za-z])\d(?:[ \u00a0-]?\d){6,18}(?![A-Za-z0-9]|[.,]\d)")
"""Behind a letter nearly everything is the name of a product or of a file: only a card, or what they call a phone."""
_CALL_ME = re.compile(
    r"(?:phone|tel(?:efon|éfono|ephone)?|call|cell|mobile|mobil|handy|whatsapp|viber|signal|text me|sms|fax|reach me|"
    r"number|nummer|numéro|número)\W{0,3}(?:\w{1,10}\W{1,2}){0,4}$",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"(?<![A-Za-z])(?:phone|tel(?:efon|ephone)?|call|cell|mobile|mobil|handy|whatsapp|sms|fax)$", re.IGNORECASE
)
_NATIONAL = re.compile(
    r"\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}|\(\d{2,5}\)[ -]?\d[\d -]{4,9}|0\d{1,4}[ /-]{1,2}\d[\d -]{4,9}"
    r"|0\d(?:[ .-]\d\d){4}|(?!\d{3}00 \d{3}00)[6-9]\d{4} \d{5}"
)
_DATE = re.compile(
    r"(?:(?:19|20)\d\d[-/. ]{1,2}\d{1,2}[-/. ]{1,2}\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d)(?:\D.*)?"
)
_YEARS = re.compile(r"(?:19|20)\d\d(?:[ -/\u2013]+(?:19|20)\d\d)+")
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_LONG = 9
"""A run of so many digits is an account, an order, a passport; shorter ones are amounts more often than not."""
_IPV4 = re.compile(r"(?<![A-Za-z0-9_.])\d{1,3}(?:\.\d{1,3}){3}(?![A-Za-z0-9_]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])[0-9a-fA-F]{1,4}(?::{1,2}[0-9a-fA-F]{1,4}){2,7}(?![\w:])")
_STREET = re.compile(
    r"\b\d{1,5}[a-zA-Z]?,?\s(?:[NSEW]\.?\s)?(?:[A-Z][\w'’.-]{0,30}\s){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr"
    r"|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Terrace|Highway|Hwy|Parkway|Pkwy|Close|Crescent)\b\.?"
    r"(?:,?\s(?:Apt|Suite|Unit|#)\.?\s?\w{1,6})?"
    r"|\b[A-ZÄÖÜ][\wäöüß-]{1,40}(?:straße|strasse|str\.|weg|allee|platz|gasse)\s\d{1,4}\s?[a-z]?\b"
    r"|\b\d{1,4}(?:\s(?:bis|ter))?,?\s(?:rue|avenue|boulevard|chemin|place|impasse)\s(?:d[eu]s?\s|de\sla\s|de\sl['’])?[A-ZÉÈ]"
    r"[\w'’-]{1,40}(?:\s[A-ZÉÈ][\w'’-]{1,40}){0,3}"
    r"|\b(?:Calle|Avenida|Plaza|Via|Viale|Piazza|Rua|ul\.)\s(?:[\wÀ-ɏ'’.-]{1,30}\s){1,4}(?:n[º°.]\s?)?\d{1,4}\b"
)
_MY_NAME = re.compile(
    r"(?i:\b(my name is|my name's|mein name ist|je m['’]appelle|me llamo|mi chiamo|meu nome é|mijn naam is))"
    r"(\s+)([A-ZÀ-Þ][\w'’-]{1,30}(?:\s[A-ZÀ-Þ][\w'’-]{1,30}){0,3})"
)
_SIGNED = re.compile(
    r"(?im)^((?:best|kind|warm|many)?\s?(?:regards|wishes|thanks|thank you|cheers|sincerely|yours|greetings|grüße|gruß"
    r"|cordialement|saludos|saluti|groeten)[,.!]?[ ]?\n{1,3})"
    r"((?-i:[-– ]{0,3}[A-ZÀ-Þ][\w'’.-]{0,30}(?: [A-ZÀ-Þ][\w'’.-]{0,30}){0,3}))(?=[ ]*$)"
)
_WIDE = {sign + 0xFEE0: sign for sign in range(0x21, 0x7F) if chr(sign).isalnum() or chr(sign) in "+-.@_"}
"""Letters as wide as a Chinese one, of which an address may be made, as they are otherwise."""
MOST_ROUNDS = 20
"""So often a text is searched. What people write settles in two rounds (29,000 cells of real texts); 16,000 characters
of "u/ann/u/bob/..." would take 2,700, and half a minute.
"""


def masked(text: str) -> str:
    """The text with e-mail addresses, phone numbers, handles and the like replaced by what they are: `[email]`,
    `[phone]`, `[handle]`, `[link]`, `[key]`, `[card]`, `[iban]`, `[wallet]`, `[number]`, `[ip]`, `[address]`, `[name]`.
    Masked again, it stays as it is.

    Invisible and full-width letters do not hide anything: where more is found without them, they are taken out, or made
    plain. Empty where there is no end to what is found.
    """
    seen = _settled(text)
    if text.isascii():
        return seen
    # what is made plain may run into what stands beside it (`@a＠b`), and stands alone where that is masked already
    tries = [_settled(bare) for bare in dict.fromkeys((_bare(text), _bare(seen))) if bare not in (text, seen)]
    return min(tries, key=_marks, default=seen) if any(_marks(each) < _marks(seen) for each in tries) else seen


def _marks(seen: str) -> tuple[bool, int]:
    """Nothing at all first, then what has the most marks."""
    return bool(seen), -seen.count("[")


def _bare(text: str) -> str:
    return "".join(letter for letter in text.translate(_WIDE) if unicodedata.category(letter) != "Cf")


def _settled(text: str) -> str:
    """Masked until nothing more is found: beside a mark something may show that stood too close before. Each round
    takes out what no mark has in it, so there is a last one; what has none within `MOST_ROUNDS` is nobody's text, and
    nothing of it stays.
    """
    for _ in range(MOST_ROUNDS):
        if (seen := _masked(text)) == text:
            return text
        text = seen
    return ""


def _masked(text: str) -> str:
    text = _PEM.sub("[key]", text)
    text = _LINK.sub(_link, text)
    text = _BARE_PROFILE.sub("[link]", text)
    text = _KEY.sub("[key]", text)
    text = _SECRET.sub(_secret, text)
    text = _BARE_PASSWORD.sub(_bare_password, text)
    text = _FEDIVERSE.sub("[handle]", text)
    text = _EMAIL.sub("[email]", text)
    text = _FOREIGN_EMAIL.sub("[email]", text)
    text = _SPOKEN_EMAIL.sub("[email]", text)
    text = _HANDLE.sub("[handle]", text)
    text = _USER.sub("[handle]", text)
    text = _IBAN.sub(lambda found: "[iban]" if _is_iban(found[0]) else found[0], text)
    text = _WALLET.sub(lambda found: "[wallet]" if _is_wallet(found[0]) else found[0], text)
    text = _TAGGED.sub(_tagged, text)
    text = _IPV4.sub(_net, text)
    text = _IPV6.sub(_net, text)
    text = _DIGITS.sub(_number, text)
    text = _GLUED.sub(_glued, text)
    text = _STREET.sub("[address]", text)
    text = _MY_NAME.sub(r"\1\2[name]", text)
    return _SIGNED.sub(r"\1[name]", text)


def _link(found: re.Match[str]) -> str:
    """A link stays where it leads to a place; not where it leads to a person, or carries what only one person has."""
    link = found[0].rstrip(".,;:!?…")
    rest = found[0][len(link) :]
    personal = any(sign in link for sign in "?@=") or _PROFILE.fullmatch(link) is not None
    return f"[link]{rest}" if personal else found[0]


def _secret(found: re.Match[str]) -> str:
    """What follows "password:" is one; what follows "token is" is mostly a word."""
    word, between, value = found.groups()
    told = word.lower().startswith("pa") or word.lower() == "pwd"
    told = told and between.strip(" \t\r\n\"'") in (":", "=")
    bare = value.rstrip(".,;:!?)}\"'")
    odd = any(not letter.isalpha() for letter in bare)
    if not bare or value.startswith("[") or not (told or odd):
        return found[0]
    return f"{word}{between}[key]{value[len(bare) :]}"


def _bare_password(found: re.Match[str]) -> str:
    word, between, value = found.groups()
    return f"{word}{between}[key]{value[len(value.rstrip('.:!?')) :]}"


def _tagged(found: re.Match[str]) -> str:
    around = found.string[max(0, found.start() - 40) : found.end() + 40]
    return "[handle]" if _DISCORD.search(around) else found[0]


def _net(found: re.Match[str]) -> str:
    """An address of the net. Those of everybody's own machine are nobody's, and `1.2.3.4` is a version."""
    try:
        address = ip_address(found[0])
    except ValueError:
        return found[0]
    version = address.version == 4 and all(part < 20 for part in address.packed)
    return found[0] if address.is_private or address.is_multicast or version else "[ip]"


def _number(found: re.Match[str]) -> str:
    """What a row of digits is: by its check digits, its form, or what stands before it."""
    text = found[0]
    digits = re.sub(r"\D", "", text)
    if _DATE.fullmatch(text) or _YEARS.fullmatch(text):
        return text
    if 13 <= len(digits) <= 19 and _luhn(digits) and not text.startswith("+"):
        return "[card]"
    if _SSN.fullmatch(text):
        return "[number]"
    before = found.string[max(0, found.start() - 60) : found.start()]
    international = text.startswith("+") or (text.startswith("00") and text != digits)
    if 7 <= len(digits) <= 15 and (international or _NATIONAL.fullmatch(text) or _CALL_ME.search(before)):
        return "[phone]"
    longest = max(len(run) for run in re.findall(r"\d+", text))
    return "[number]" if longest >= _LONG else text


def _glued(found: re.Match[str]) -> str:
    """What digits are that stand close behind a letter."""
    digits = re.sub(r"\D", "", found[0])
    if len(digits) >= 13 and _luhn(digits):
        return "[card]"
    before = found.string[max(0, found.start() - 60) : found.start()]
    return "[phone]" if len(digits) <= 15 and _CALLED.search(before) else found[0]


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    """ISO 13616: the first four moved behind and letters as numbers, the rest by 97 is 1."""
    bare = text.replace(" ", "").replace("-", "")
    if not 15 <= len(bare) <= 34:
        return False
    return int("".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])) % 97 == 1


def _is_wallet(text: str) -> bool:
    """The older addresses of Bitcoin end in a check of their own (Base58Check); the others have a form that nothing
    else has.
    """
    if text.startswith(("0x", "bc1", "BC1")):
        return True
    number = 0
    for letter in text:
        number = 58 * number + _BASE58.index(letter)
    whole = number.to_bytes(26, "big")  # 35 letters are less than 2 ** 206
    inside, check = whole[1:-4], whole[-4:]
    return not whole[0] and sha256(sha256(inside).digest()).digest()[:4] == check
