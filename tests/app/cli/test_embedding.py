"""`viva embed`: the snippet on standard output, advice beside it."""

from __future__ import annotations

import pytest

from tests.app.cli.conftest import Shell
from vivavoce.app.cli.exits import Exit


def test_the_snippet_alone_is_the_output(shell: Shell) -> None:
    ran = shell("embed", "founder", "--server", "https://talk.example")
    assert ran.code == Exit.DONE
    assert ran.out == (
        '<script src="https://talk.example/static/embed.js" async></script>\n<viva-voce agent="founder"></viva-voce>\n'
    )
    assert ran.err.startswith("microphone: yes.")
    assert 'embed: {origins: ["your.site"]}' in ran.err
    assert "--server" not in ran.err


@pytest.mark.parametrize(
    ("kind", "code", "advice"),
    [
        ("iframe", '<iframe src="https://talk.example/embed/founder"', "depends"),
        ("react", "import {VivaVoce} from 'vivavoce/react'", "yes"),
        ("codepen", 'shape="inline"', "https://cdpn.io"),
        ("link", "https://talk.example/t/founder\n", "yes"),
        ("devto", "https://talk.example/t/founder\n", "no"),
    ],
)
def test_other_places(shell: Shell, kind: str, code: str, advice: str) -> None:
    ran = shell("embed", "founder", "--for", kind, "--server", "https://talk.example")
    assert (ran.code, code in ran.out, advice in ran.err) == (Exit.DONE, True, True)


def test_the_address_is_that_of_the_settings(shell: Shell) -> None:
    assert "http://127.0.0.1:8642/static/embed.js" in shell("embed", "founder").out
    assert "public_url" in shell("embed", "founder").err
    for text, base in (
        ('public_url = "https://talk.example/voice/"\n', "https://talk.example/voice"),
        ('host = "0.0.0.0"\nport = 80\n', "http://localhost:80"),
        ('host = "::1"\nhttps = true\n', "https://[::1]:8642"),
    ):
        (shell.folder / "viva.toml").write_text(text)
        assert f'src="{base}/static/embed.js"' in shell("embed", "founder").out


def test_as_a_document(shell: Shell) -> None:
    found = shell("embed", "founder", "--json").document
    assert (found["agent"], found["origins"]) == ("founder", [])
    assert {"script", "iframe", "react"} <= {each["kind"] for each in found["snippets"]}


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nobody",), "want the name of a published agent"),
        (("founder/../x",), "want the name of a published agent"),
        (("founder", "--for", "ifram"), "iframe"),
        (("founder", "--server", "javascript:alert(1)"), "an address such as https://talk.example"),
        (("founder", "--server", 'https://x"><script>'), "an address such as https://talk.example"),
        (("founder", "--server", "https://user:pass@x.example"), "an address such as https://talk.example"),
    ],
)
def test_asked_wrongly(shell: Shell, args: tuple[str, ...], words: str) -> None:
    ran = shell("embed", *args)
    assert (ran.code, ran.out, words in ran.err) == (Exit.ASKED_WRONGLY, "", True)
