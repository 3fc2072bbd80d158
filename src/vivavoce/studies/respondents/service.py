"""How a model is asked, whatever it speaks: patiently within bounds, and with less where a service takes less."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any, ClassVar, Literal, Protocol, TypeAlias
from urllib.parse import urlsplit

import msgspec

from vivavoce.errors import MissingError, VivaError
from vivavoce.studies.sources.address import check_encrypted, check_sendable
from vivavoce.studies.sources.answers import Answer
from vivavoce.studies.sources.errors import EndlessError, SlowError, SourceError
from vivavoce.studies.sources.http import Bounds, Client, Clock, Pause

WITHIN_S = 120.0
"""For one answer. Models that think first take a minute as a rule; one that takes longer is not asked again, since what
came late was paid for all the same."""
MAX_ANSWER_BYTES = 2 * 1024 * 1024
"""A hundred times a long ballot; thoughts that some services send along are in it."""
MOST_TOKENS = 8_192
"""Of an answer, with the thoughts that services count in. Six variants take some 2,000."""
MOST_ATTEMPTS = 6
"""For one answer: a service can refuse two formats and three wishes, one after the other."""

Format: TypeAlias = Literal["schema", "json", "plain"]
_LESS: dict[Format, Format] = {"schema": "json", "json": "plain"}
_SPEAKS_OF_FORMAT = ("schema", "response_format", "responsemimetype", "response_mime_type", "json mode")
_RETRY_DELAY = re.compile(r'"retrydelay":\s*"(\d{1,6}(?:\.\d{1,9})?)s"')
"""Google says in the body how long to wait."""
_WHY = {
    "wait": "rate-limited",
    "refused": "no-access",
    "changed": "unreadable",
    "gone": "no-model",
    "transient": "unreachable",
}


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    rules: str
    turns: tuple[str, ...]
    """Ours and the model's, by turns; the first and the last are ours."""
    schema: dict[str, Any]
    temperature: float
    seed: int


class Said(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    ended: Literal["stop", "cut-off", "refused"] = "stop"
    tokens_in: int = 0
    tokens_out: int = 0


class Silence(msgspec.Struct, frozen=True):
    """No answer, and why in a word."""

    why: str


class Dialect(Protocol):
    """A model of a service, in the service's language."""

    name: str
    """As ballots say it."""
    address: str
    """Where it is asked: what one service's model says is not another's of the same name."""

    async def say(self, ask: Ask) -> Said | Silence:
        """Never raises for what the service or the network did."""
        ...

    async def close(self) -> None: ...


class Manner(msgspec.Struct, frozen=True):
    """What a service is asked for beyond words."""

    format: Format
    wishes: frozenset[str]
    """Names of fields it may refuse: a seed, a temperature, a limit."""

    def less(self, why: str) -> Manner | None:
        """The next one to try after a refusal; None when there is nothing left to do without.

        Args:
            why: what the service said, in lower case.
        """
        named = frozenset(wish for wish in self.wishes if wish.lower() in why)
        if named and not any(word in why for word in _SPEAKS_OF_FORMAT):
            return Manner(self.format, self.wishes - named)
        if self.format in _LESS:
            return Manner(_LESS[self.format], self.wishes)
        return Manner(self.format, frozenset()) if self.wishes else None


class NotTakenError(SourceError):
    """The service does not take the request as it is.

    Attributes:
        why: its own words. They may quote ours, so they are looked through and never shown.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.place} does not take the request (HTTP {answer.status})", kind="changed")
        self.why = answer.data[:4_000].decode("utf-8", "replace").lower()


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A service whose models speak a dialect, and whose address nobody has to name."""

    owner: str
    url: str
    remedy: str
    """Where its key comes from, as a sentence."""
    place: str
    """What whoever answers is called in messages, at this address or at another."""


class Speaking:
    """What all dialects have in common. A dialect says how a request is written and how an answer is read.

    Args:
        model: as the service calls it.
        key: goes along in a header, never in the address; a service of one's own may do without.
        base_url: up to where `path` follows; the service's own where none is given.
    Raises:
        InputError: no name of a model.
        MissingError: no key, at the service's own address.
        SettingsError: no such address, or a key would go over the open net unencrypted.
    """

    kind: ClassVar[str]
    """As it stands before the model's name."""
    service: ClassVar[Service]

    def __init__(
        self,
        model: str,
        *,
        key: str = "",
        base_url: str = "",
        within_s: float = WITHIN_S,
        clock: Clock = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.check(model)
        base_url = base_url or self.service.url
        self.model = model
        self.address = base_url.rstrip("/")
        self.theirs = self.address == self.service.url
        """Whether it is the service's own address."""
        if key:
            check_encrypted(self.service.place, base_url, "its key")
            check_sendable(self.service.place, key, "its key")
        elif self.theirs:
            raise MissingError(
                f"want a key for {self.service.owner}'s model {model!r}, got none", remedy=self.service.remedy
            )
        self.name = f"{self.kind}/{model}" + ("" if self.theirs else f"@{urlsplit(base_url).netloc}")
        self._manner = Manner("schema", self.wishes())
        self._client = Client(
            self.service.place,
            base_url,
            headers=self.credential(key) if key else None,
            judge=judged,
            # plain, so that bytes that come are bytes that count
            bounds=Bounds(within_s=within_s, slow_again=False, most_bytes=MAX_ANSWER_BYTES, packed=False),
            clock=clock,
            pause=pause,
        )

    def check(self, model: str) -> None:
        """
        Raises:
            InputError: it is no name of a model.
        """
        raise NotImplementedError

    def credential(self, key: str) -> dict[str, str]:
        raise NotImplementedError

    def path(self) -> str:
        raise NotImplementedError

    def wishes(self) -> frozenset[str]:
        """Names of fields that the service may refuse."""
        raise NotImplementedError

    def body(self, ask: Ask, manner: Manner) -> dict[str, Any]:
        raise NotImplementedError

    def read(self, answer: Answer) -> Said:
        raise NotImplementedError

    async def say(self, ask: Ask) -> Said | Silence:
        manner: Manner | None = self._manner
        for _ in range(MOST_ATTEMPTS):
            if manner is None:
                break
            try:
                said = self.read(await self._client.post(self.path(), body=self.body(ask, manner)))
            except NotTakenError as error:
                manner = manner.less(error.why)
            except SlowError:
                return Silence("timeout")
            except EndlessError:
                return Silence("endless")
            except SourceError as error:
                return Silence(_WHY[error.kind])
            else:
                self._manner = manner  # kept only once it led somewhere: a text that is too long is refused as well
                return said
        return Silence("not-taken")

    async def close(self) -> None:
        await self._client.close()


def judged(answer: Answer) -> VivaError | None:
    """What services of models mean by their refusals, beyond the general rule."""
    why = answer.data[:4_000].decode("utf-8", "replace").lower()
    if answer.status == 402 or (answer.status == 429 and "insufficient_quota" in why):
        return SourceError(f"{answer.place} wants to be paid first", kind="refused")
    if answer.status == 400 and ("api_key_invalid" in why or "failed_precondition" in why):
        return SourceError(f"{answer.place} does not take the key (HTTP 400)", kind="refused")
    if answer.status in (400, 413, 422):
        return NotTakenError(answer)
    if answer.status == 429 and (asked := _RETRY_DELAY.search(why)) and "retry-after" not in answer.headers:
        wait_s = float(asked[1])
        return SourceError(f"{answer.place} asks us to wait {wait_s:.0f} s", kind="wait", wait_s=wait_s)
    return None
