from __future__ import annotations

import time

import pytest

from vivavoce.studies.sources.markup import from_entities, from_html, from_markdown


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("I can&#x27;t <i>export</i> &amp; print", "I can't export & print"),
        ("one<p>two<p>three", "one\n\ntwo\n\nthree"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ('see <a href="https://x.example/very/long" rel="nofollow">https://x.example/ve...</a>', "see https://x.example/ve..."),
        ("so:<pre><code>rm -rf /\n</code></pre>end", "so:\n[code]\nend"),
        ("<p>&gt; what they said<p>what I say", "what I say"),
        ("<blockquote><p>theirs <b>too</b></p></blockquote><p>mine</p>", "mine"),
        ("<blockquote>never closed", ""),
        ("<script>alert(1)</script>x<style>p{}</style>", "x"),
        ("</p></div>x</blockquote>y", "x\ny"),
        ("1 &lt; 2 and 3 < 4", "1 < 2 and 3 < 4"),
        ("<!-- hidden -->seen", "seen"),
        ("<!doctype html><?xml ?></ >seen", "seen"),
        ('<a title="x > y">seen</a>', "seen"),
        ("it <![ stays", "it <![ stays"),
        ("it <![endif]>stays", "it stays"),
        ("", ""),
    ],
)  # fmt: skip
def test_html(html: str, text: str) -> None:
    assert from_html(html) == text


def test_deep_html_is_read_without_descending() -> None:
    assert from_html("<blockquote>" * 50_000 + "x" + "</blockquote>" * 50_000 + "y").endswith("y")


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<![", "<?", "</a", "<script", '<a "<a" ', "<"])
def test_nobody_makes_html_slow(piece: str) -> None:
    began = time.process_time()
    from_html(piece * (50_000 // len(piece)))
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("It **crashes** with `a b`", "It crashes with a b"),
        ("### Steps\n\nI press it", "I press it"),
        ("**Describe the bug**\nIt stops", "It stops"),
        ("<!-- Please fill\nthis in -->\nIt stops", "It stops"),
        ("- [x] I searched\n- [ ] I read\nIt stops", "It stops"),
        ("```py\nx = 1\n```\nIt stops", "[code]\nIt stops"),
        ("~~~\nnever closed\n", "[code]"),
        ("> theirs\nmine", "mine"),
        ("see [the docs](https://x.example) ![shot](https://i.example/a.png)", "see the docs"),
        ("<details><summary>Log</summary>\nmuch\n</details>\nIt stops", "It stops"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\nafter", "after"),
        ("### Version\n\n_No response_\n", ""),
        ("a &amp; b<br>c", "a & bc"),
        ("2 < 3 and 4 > 1", "2 < 3 and 4 > 1"),
        ("one\r\n> two\r\nthree", "one\n\nthree"),
    ],
)
def test_markdown(markdown: str, text: str) -> None:
    assert from_markdown(markdown) == text


def test_entities() -> None:
    assert from_entities("Can&#39;t &quot;save&quot;") == 'Can\'t "save"'
