"""A respondent by its name. Addresses and keys come from settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from vivavoce.errors import InputError, MissingError
from vivavoce.studies.port import Embedder, Respondent
from vivavoce.studies.respondents.gemini import GEMINI_URL, Gemini
from vivavoce.studies.respondents.llm import AT_ONCE, Answers, LlmRespondent
from vivavoce.studies.respondents.openai import OPENAI_URL, OpenAi
from vivavoce.studies.respondents.reasoner import ReasonerRespondent
from vivavoce.studies.respondents.service import Dialect

REASONER = "reasoner"


class Access(Protocol):
    """What of a server's settings is about models: where they are asked, and what lets us in."""

    @property
    def respondent_openai_url(self) -> str: ...
    @property
    def respondent_openai_key(self) -> str: ...
    @property
    def respondent_gemini_url(self) -> str: ...
    @property
    def respondent_gemini_key(self) -> str: ...


def open_respondent(
    name: str,
    access: Access,
    *,
    embedder: Callable[[], Embedder],
    answers: Answers | None = None,
    at_once: int = AT_ONCE,
) -> Respondent:
    """A respondent, to be closed after use.

    Args:
        name: "reasoner", "openai:MODEL" or "gemini:MODEL".
        embedder: makes what the reasoner compares texts with.
        answers: where those of a model are kept.
        at_once: requests to one model under way.
    Raises:
        InputError: there is no respondent of that name, or no such model's name.
        MissingError: it wants a key that is not set, or the embedder's weights are not here.
        SettingsError: an address that is none, or a key would go over the open net unencrypted.
    """
    if name == REASONER:
        return ReasonerRespondent(embedder())
    return LlmRespondent(_dialect(name, access), answers=answers, at_once=at_once)


def _dialect(name: str, access: Access) -> Dialect:
    kind, _, model = name.partition(":")
    model = model.strip()
    if kind == "openai" and model:
        url, key = access.respondent_openai_url, access.respondent_openai_key
        if not key and url.rstrip("/") == OPENAI_URL:
            raise MissingError(
                "respondent_openai_key is not set",
                remedy="Make a key at platform.openai.com and set VIVA_RESPONDENT_OPENAI_KEY to it, or name your own "
                "server in respondent_openai_url",
            )
        return OpenAi(model, key=key, base_url=url)
    if kind == "gemini" and model:
        url, key = access.respondent_gemini_url, access.respondent_gemini_key
        if not key and url.rstrip("/") == GEMINI_URL:
            raise MissingError(
                "respondent_gemini_key is not set",
                remedy="Make a key at aistudio.google.com and set VIVA_RESPONDENT_GEMINI_KEY to it",
            )
        return Gemini(model, key=key, base_url=url)
    raise InputError(f'want "{REASONER}", "openai:MODEL" or "gemini:MODEL" as a respondent, got {name[:60]!r}')
