"""From a service's markup to what the person wrote: without code, without what they quote of others, without forms."""

from __future__ import annotations

import html
import re

CODE = "[code]"
_BLOCKS = frozenset(
    ["p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "hr", "pre", "blockquote"]
)
_UNSEEN = frozenset(["blockquote", "template"])
_MOST_DEEP = 200
"""Elements within elements that are left out; deeper is nobody's text."""
_QUOTED = re.compile(r"^[ ]{0,3}(?:>|&gt;).*$", re.MULTILINE)
_ELEMENT = re.compile(
    # what browsers read as text up to its own end, comments, elements, and then declarations and what is none of these
    r"<(script|style)\b[^<>]*>.*?(?:</\1\b[^<>]*>|\Z)|<!--.*?(?:--!?>|\Z)"
    r"|<(/?)([a-z][^\s<>/]*)(?:[^<>\"']++|\"[^<\"]*\"|'[^<']*'|[\"'])*+>|<[!?/][^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
"""No "<" within one, not even in quotes: so nothing is looked at twice, however many are begun and never ended. The
library's own parser takes 19 s for 25,000 characters of "<a ", and gives up at "<![".
"""


class _Text:
    """Collects what can be read. Unclosed and crossed elements are taken as browsers take them: roughly."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._unseen: list[str] = []

    def read(self, text: str) -> None:
        place = 0
        for found in _ELEMENT.finditer(text):
            self._words(text[place : found.start()])
            place = found.end()
            if found[3]:
                (self._end if found[2] else self._start)(found[3].lower())
        self._words(text[place:])

    def _start(self, tag: str) -> None:
        if tag in _BLOCKS and not self._unseen:
            self.parts.append("\n\n" if tag == "p" else "\n")
        if tag == "pre" and not self._unseen:
            self.parts.append(CODE)
        if (tag in _UNSEEN or tag == "pre") and len(self._unseen) < _MOST_DEEP:
            self._unseen.append(tag)

    def _end(self, tag: str) -> None:
        if tag in self._unseen:
            del self._unseen[len(self._unseen) - 1 - self._unseen[::-1].index(tag) :]
        if tag in _BLOCKS and tag != "br" and not self._unseen:
            self.parts.append("\n")

    def _words(self, text: str) -> None:
        if text and not self._unseen:
            self.parts.append(html.unescape(text))


def from_html(text: str) -> str:
    """What stands in HTML. Code blocks become `[code]`; what is quoted of others, also by ">" as on Hacker News, is
    left out: it is not what this person said.
    """
    reader = _Text()
    reader.read(text)
    return _QUOTED.sub("", "".join(reader.parts)).strip()


def from_entities(text: str) -> str:
    """A line in which only entities are escaped, such as a title at Stack Exchange."""
    return html.unescape(text)


_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DETAILS = re.compile(r"<details\b.*?(?:</details>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^[ ]{0,3}(`{3,20}|~{3,20})[^\n]*\n.*?(?:^[ ]{0,3}\1[`~]*[ ]*$|\Z)", re.DOTALL | re.MULTILINE)
_FORM = re.compile(
    r"^(?:[ ]{0,3}#{1,6}(?:[ ].*)?|[ ]*[-*+][ ]\[[ xX]\].*|[ ]*\|.*|[ ]*_No response_[ ]*|[ ]{0,3}(?:[-*_][ ]*){3,}|"
    r"[ ]{0,3}\*\*[^*\n]{1,80}\*\*:?[ ]*)$",
    re.MULTILINE,
)
"""Headings, boxes to tick, tables and rules of a form: words of whoever made it."""
_IMAGE = re.compile(r"!\[[^\]\n]{0,200}\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\n]{1,200})\]\([^)\n]{1,2000}\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,2000}>")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.{1,500}?)(?<=\S)\1")
_INLINE = re.compile(r"`([^`\n]{1,500})`")


def from_markdown(text: str) -> str:
    """What a person wrote in Markdown as on GitHub, where issues begin with a form: headings, boxes to tick, comments,
    logs, code and quotations are left out.
    """
    text = text.replace("\r\n", "\n")
    text = _FENCE.sub(CODE, _COMMENT.sub("", text))
    text = _DETAILS.sub("", text)
    text = _QUOTED.sub("", _FORM.sub("", text))
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    text = _INLINE.sub(r"\1", _EMPHASIS.sub(r"\2", _TAG.sub("", text)))
    return html.unescape(text).strip()
