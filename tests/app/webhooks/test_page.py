"""The receiver of the how-to page, with a message of ours and with one that is not."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from http.server import HTTPServer
from typing import Any, get_args

import httpx
import pytest

from tests.app.webhooks.test_delivery import Post, post
from tests.conversation.talk import ROOT
from vivavoce.app.keyring import Scope
from vivavoce.app.webhooks.delivery import TIMETABLE_S
from vivavoce.app.webhooks.events import EVENTS, TEST

PAGE = (ROOT / "docs/howto/receive-webhooks.md").read_text()
__all__ = ["post"]


@pytest.fixture
def receiver() -> Iterator[tuple[dict[str, Any], str]]:
    """What the page's program defines, and the URL it is served under."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    defined: dict[str, Any] = {"__name__": "receiver"}
    exec(program, defined)
    defined["Receiver"].log_message = lambda *_: None
    with HTTPServer(("127.0.0.1", 0), defined["Receiver"]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield defined, f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


async def test_the_receiver_of_the_page(
    post: Post,
    receiver: tuple[dict[str, Any], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    defined, url = receiver
    defined["SECRET"], post.now = post.secret, time.time()
    hook, sent = await post.to(url)
    sent = await post.webhooks.write_delivery(
        hook.id, type_="call.ended", body='{"type":"call.ended","data":{"call":"1"}}', call_id=None, now=post.now
    )
    assert (await post.courier.deliver(sent.id, 1)).state == "delivered"
    await post.webhooks.again(sent.id, post.now)
    assert (await post.courier.deliver(sent.id, 2)).state == "delivered"
    assert capsys.readouterr().out == "call.ended {'call': '1'}\n", "twice sent, once told"
    async with httpx.AsyncClient() as http:
        assert (await http.post(url, content=b"{}")).status_code == 400
    post.now -= 400
    old = await post.webhooks.write_delivery(hook.id, type_="t", body="{}", call_id=None, now=post.now)
    assert (await post.courier.deliver(old.id, 1)).status == 400


def test_the_page_names_every_event_and_wait() -> None:
    assert set(re.findall(r"^\| `([a-z_.]+)` \|", PAGE, re.MULTILINE)) == {*EVENTS, TEST}
    waits = ", ".join(_words(wait) for wait in TIMETABLE_S[:-1]) + " and " + _words(TIMETABLE_S[-1])
    assert waits in " ".join(PAGE.split())


def _words(seconds: float) -> str:
    for unit, name in ((3600, "h"), (60, "min"), (1, "s")):
        if seconds >= unit:
            return f"{seconds / unit:g} {name}"
    raise AssertionError(seconds)


def test_the_page_on_keys_names_every_scope() -> None:
    page = (ROOT / "docs/howto/secure-a-server.md").read_text()
    rows = re.findall(r"^\| (`[a-z:`, ]+`) \|", page, re.MULTILINE)
    assert {scope for row in rows for scope in re.findall(r"`(\w+:\w+)`", row)} == set(get_args(Scope))
