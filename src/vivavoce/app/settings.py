"""Settings of a server, each value knowing where it came from.

Later wins: package default < `viva.toml` < environment (`VIVA_PORT`, `VIVA_BACKEND_KEY`) < command line. Unknown names
are errors: a setting that is silently ignored is worse than none. What an agent file, a booking or a caller may decide
stands above these: `agents/callsettings.py`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from vivavoce.agents.callsettings import RULES, CallSettings, choices_of, wanted
from vivavoce.agents.problems import did_you_mean
from vivavoce.errors import SettingsError
from vivavoce.live.address import BackendKind

FILE = "viva.toml"
PREFIX = "VIVA_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PUBLIC_URL = r"^(https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?)?$"
_WANTED = {"public_url": "an address such as https://talk.example"}
"""In words, of text that is not just any."""


class Settings(CallSettings, frozen=True, kw_only=True):
    """What a server is run with: the settings of its calls (see `callsettings`), and those below."""

    # the server
    host: str = "127.0.0.1"
    """Address to listen on. Beyond loopback an `api_key` is needed, and a public server belongs behind a TLS proxy."""
    port: int = 8642
    """0 takes a free one."""
    max_calls: int = 50
    """Calls at a time, and passes for direct clients that hold at a time; more are refused with 503 or 4413."""
    ticket_s: float = 60.0
    """How long a ticket may wait to be used."""

    # a line or a server that goes away
    return_within_s: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 120.0
    """How long a caller whose socket is lost may take to come back, to this server or, with PostgreSQL, to another of
    the same database; 0: the call ends at once."""
    second_tab: Literal["takes_over", "refused"] = "takes_over"
    """A second window of a caller takes their call from the first, or is refused while the first is there, at whichever
    server it is. Whose server died waits up to ten seconds for another one then."""
    on_stop: Literal["auto", "hand_over", "end"] = "auto"
    """What becomes of calls when the server is told to stop: `hand_over` to whichever server their callers come back
    to, or `end` them with a word; `auto` hands over with PostgreSQL and ends with SQLite."""
    drain_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 10.0
    """How long a call that is handed over waits for a good moment: the agent's sentence is finished, no tool runs."""

    # who may come, and how often
    https: bool = False
    """People reach this server by https, through a proxy; their browsers are told to insist on it."""
    public_url: Annotated[str, msgspec.Meta(pattern=_PUBLIC_URL)] = ""
    """Address that people reach this server by, such as `https://talk.example`; it stands in links, in snippets and in
    what shared links tell of themselves. Empty for the one that a request was sent to.
    """
    trusted_proxies: int = 0
    """How many proxies in front add to `X-Forwarded-For`; 0 when that header is not to be believed."""
    requests_per_s: int = 50
    """Requests of one address, and of one key, over ten seconds; 0 for no limit."""
    failures_per_minute: int = 10
    """Wrong keys and tickets of one address; 0 for no limit."""
    visitor_bookings_per_minute: int = 6
    """Bookings by browser of one address; 0 for no limit."""
    survey_forms_per_minute: int = 30
    """Forms of surveys that one address may send; a person sends two. 0 for no limit."""
    key_bookings_per_minute: int = 600
    """Bookings of one key; 0 for no limit."""
    calls_per_address: int = 3
    """Calls at a time that one address may have booked by browser; 0 for no limit."""
    calls_per_origin: int = 0
    """Calls at a time that the pages of one site may have booked; 0 for no limit but `max_calls`."""
    calls_per_key: int = 0
    """Calls at a time of one key; 0 for no limit but `max_calls`."""
    webhook_networks: str = ""
    """Networks of your own that webhooks may go to, besides public addresses: `127.0.0.0/8, 10.1.0.0/16`. Plain http
    does there. Empty for none.
    """

    # what it tells of itself
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """From which level on our own lines are logged; libraries are heard from `warning` on at any setting."""
    log_format: Literal["auto", "json", "text"] = "auto"
    """One JSON object a line, or text for people; `auto`: text on a terminal."""
    otlp_endpoint: str = ""
    """Where traces go (OTLP over http), such as `http://localhost:4318`; empty for none, or what the environment's
    `OTEL_EXPORTER_OTLP_ENDPOINT` says. Needs the extra `otel`.
    """
    token_prices: str = ""
    """Prices of a million tokens, for the metric of cost and for `limits.spend` of agent files, in the currency of
    these: `prompt_audio=3, response_audio=12`. Empty for none.
    """

    # files and data
    data_dir: str = "viva-data"
    """Database, recordings and reports."""
    database_url: str = ""
    """SQLAlchemy URL; empty for SQLite in `data_dir`."""
    agents_dir: str = "agents"
    """Where agent files are found by file name, without `.yaml`."""
    keep_surveys_days: Annotated[float, msgspec.Meta(gt=0, le=3_650)] = 365.0
    """How long answers of people to surveys are kept, unless a survey says otherwise when it is opened. They read it
    before they agree.
    """
    prompts_dir: str = ""
    """Folder with prompt files of your own, each with a `version`; they stand beside the package's and come before them
    where the version is the same. Empty for none.
    """

    # background work
    workers: Annotated[int, msgspec.Meta(ge=0, le=64)] = 1
    """Worker processes that `viva serve` keeps; 0 where `viva worker` does the work."""
    jobs_at_once: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    """Jobs that one worker does at a time."""
    keep_jobs_days: Annotated[float, msgspec.Meta(ge=0, le=1e10)] = 7.0
    """How long it can be looked up what became of a job."""

    # the live model
    backend: BackendKind = "local"
    """`local` (embedded, no key), `studio` (Google AI Studio), `vertex` (Vertex AI) or `openai` (OpenAI Realtime)."""
    backend_url: str = ""
    """Base URL of the live model, of http(s) or ws(s), with or without a path; empty for the backend's own (`local`
    then starts one).
    """
    backend_version: str = ""
    """Version of the API: `v1`, `v1alpha`, `v1beta`, `v1beta1`; empty for v1beta at `studio`, v1beta1 at `vertex`."""
    backend_key: str = ""
    """API key of the live model, or an ephemeral token. Never shown, never logged."""
    backend_key_in: Literal["header", "query"] = "header"
    """Where the key goes at `studio`: `query` for proxies that drop headers."""
    backend_token: str = ""
    """An access token for `vertex` that somebody else fetches. Never shown, never logged."""
    backend_credentials: str = ""
    """A file with a service account or a login for `vertex`; empty for the account of this machine."""
    backend_project: str = ""
    """Project for `vertex`; empty for the service account's own."""
    backend_location: str = "global"
    """Location for `vertex`: a region, `us`, `eu` or `global`."""
    backend_ca: str = ""
    """A PEM file with further authorities whose certificates are believed; `SSL_CERT_FILE` counts too."""
    backend_thinking: str = ""
    """A level (`low`) or a budget in tokens (`0` is off, `-1` dynamic), where the model takes one; empty for the
    model's own.
    """
    backend_proactive: Literal["", "on", "off"] = ""
    """Whether the model may leave speech without an answer, where it has that choice."""
    backend_affective: Literal["", "on", "off"] = ""
    """Whether the model adapts to the caller's tone, where it can."""
    backend_hold_audio: Literal["auto", "always", "never"] = "auto"
    """Hold the caller's sound back while the model waits for a tool; `auto`: where the model needs it."""

    # the embedded model
    brain: str = "agent"
    """What answers inside the embedded model: `agent`, `echo`, `script:FILE`, or the URL of a chat endpoint."""
    brain_key: str = ""
    """Key of the chat endpoint. Never shown, never logged."""
    brain_model: str = ""
    """Model of the chat endpoint, where its URL names none."""
    ears_dir: str = ""
    """A directory with a model that hears; empty for what is installed."""
    voices_dir: str = ""
    """A directory with a voice; empty for what is installed."""

    # where people say things
    hackernews_url: str = "https://hn.algolia.com"
    """Where the search of Hacker News is, or what stands in for it; so it is with the other addresses here."""
    stackexchange_url: str = "https://api.stackexchange.com"
    """Where the API of Stack Exchange is."""
    stackexchange_key: str = ""
    """Key of an app at Stack Exchange, for 10,000 requests a day in place of 300. Never shown, never logged."""
    github_url: str = "https://api.github.com"
    """Where the API of GitHub is; of GitHub Enterprise with its path, `https://HOST/api/v3`."""
    github_token: str = ""
    """Token of GitHub without any rights, for 30 searches a minute in place of 10. Never shown, never logged."""
    reddit_url: str = "https://oauth.reddit.com"
    """Where the API of Reddit is."""
    reddit_token_url: str = "https://www.reddit.com"  # noqa: S105  # where tokens are asked for
    """Where Reddit gives tokens."""
    reddit_client: str = ""
    """Id and secret of an app at Reddit, as `id:secret`. Never shown, never logged."""
    reddit_username: str = ""
    """Who runs this, by their name at Reddit: it stands in the user agent, as Reddit wants it."""
    app_store_url: str = "https://itunes.apple.com"
    """Where the feeds of the App Store are."""
    google_play_url: str = "https://androidpublisher.googleapis.com"
    """Where the API of the Play Console is."""
    google_play_account: str = ""
    """JSON key of a service account that may read the reviews of your app. Never shown, never logged."""
    product_hunt_url: str = "https://api.producthunt.com"
    """Where the API of Product Hunt is."""
    product_hunt_token: str = ""
    """Developer token of Product Hunt. Never shown, never logged."""

    # what texts are compared by
    embedder_openai_url: str = "https://api.openai.com/v1"
    """Where the embedder `openai:MODEL` has texts embedded: at OpenAI, or at a server that speaks its embeddings, such
    as `http://127.0.0.1:11434/v1`.
    """
    embedder_openai_key: str = ""
    """Key of that service; a server of your own may need none. Never shown, never logged."""

    # models that a panel is asked by
    respondent_openai_url: str = "https://api.openai.com/v1"
    """Where models of `openai:MODEL` are asked: at OpenAI, or at a server that speaks its chat completions, such as
    `http://127.0.0.1:11434/v1`.
    """
    respondent_openai_key: str = ""
    """Key of that service; a server of your own may need none. Never shown, never logged."""
    respondent_gemini_url: str = "https://generativelanguage.googleapis.com/v1beta"
    """Where models of `gemini:MODEL` are asked, or what stands in for it."""
    respondent_gemini_key: str = ""
    """Key of Google AI Studio. Never shown, never logged."""

    # secrets
    api_key: str = ""
    """The server's own key: may do everything. Needed as a bearer token when set. Never shown, never logged."""
    secret_key: str = ""
    """What stored secrets are sealed with: keys of `viva keys secret` with commas between them, the newest first. Empty
    for the file `secret.key` in `data_dir`. Never shown, never logged.
    """


def hands_over(settings: Settings) -> bool:
    """Whether calls outlive a server that is told to stop."""
    if settings.on_stop == "auto":
        return bool(settings.database_url) and not settings.database_url.startswith("sqlite")
    return settings.on_stop == "hand_over"


def server_wishes(settings: Settings) -> dict[str, Any]:
    """What the server decides of its calls' settings: where it says other than the package."""
    own, package = msgspec.structs.asdict(settings), msgspec.structs.asdict(CallSettings())
    return {name: own[name] for name in RULES if own[name] != package[name]}


_IN_URL = re.compile(r"(?<=://)[^/\s]*(?=@)|(?<=\?)[^#\s']+")
"""User, password and query of an address: what may be a secret there."""
SECRET = frozenset(
    {"backend_key", "brain_key", "backend_token", "api_key", "secret_key", "stackexchange_key", "github_token"}
    | {"reddit_client", "google_play_account", "product_hunt_token", "respondent_openai_key", "respondent_gemini_key"}
    | {"embedder_openai_key"}
)


class Explained(msgspec.Struct, frozen=True):
    """A setting, for people to read. `value` is masked where it is a secret, or may hold one."""

    name: str
    value: Any
    source: str

    def __str__(self) -> str:
        return f"{self.name} = {self.value if self.name in SECRET else repr(self.value)} ({self.source})"


class SettingsWithSources(msgspec.Struct, frozen=True):
    settings: Settings
    sources: dict[str, str]
    """For every setting where its value came from, in words."""

    def explained(self) -> list[Explained]:
        """Every setting; secrets only say whether they are set."""
        return [Explained(name, self._shown(name), source) for name, source in self.sources.items()]

    def lines(self) -> list[str]:
        """`name = value (source)` for every setting."""
        return [str(each) for each in self.explained()]

    def _shown(self, name: str) -> Any:
        value = getattr(self.settings, name)
        if name in SECRET:
            return "set" if value else "not set"
        return _IN_URL.sub("…", value) if isinstance(value, str) else value


def load_settings(
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> SettingsWithSources:
    """Settings from all sources.

    Args:
        file: a TOML file; None for `viva.toml` in the working directory, if it is there.
        environ: the environment, `os.environ` by default.
        overrides: from the command line; None values are left out.

    Raises:
        SettingsError: an unknown name or a value of the wrong type, with the source it came from.
    """
    names = Settings.__struct_fields__
    values: dict[str, Any] = {}
    sources = dict.fromkeys(names, "default")

    def take(found: Mapping[str, Any], source: str) -> None:
        for name, value in found.items():
            if name not in names:
                hint = did_you_mean(name, names)
                raise SettingsError(f"{source}: want a setting, got {name!r}{f'; {hint}' if hint else ''}")
            values[name] = value
            sources[name] = source

    path = file if file is not None else Path(FILE)
    if file is not None or path.is_file():
        try:
            take(tomllib.loads(path.read_text(encoding="utf-8")), f"file {path.name}")
        except OSError as error:
            raise SettingsError(f"want a settings file, got {path}: {error.strerror}") from error
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"file {path.name}: want TOML, got {error}") from error
    environ = os.environ if environ is None else environ
    for key, value in environ.items():
        if key.startswith(PREFIX):
            take({key.removeprefix(PREFIX).lower(): value}, f"environment {key}")
    take({name: value for name, value in (overrides or {}).items() if value is not None}, "command line")
    try:
        return SettingsWithSources(msgspec.convert(values, Settings, strict=False), sources)
    except msgspec.ValidationError as error:
        name = str(error).rpartition("$.")[2].rstrip("`")
        came = "something else" if name in SECRET else repr(str(values[name])[:64])
        hint = did_you_mean(came, filter(None, choices_of(name, Settings)))
        words = _WANTED.get(name) or wanted(name, Settings)
        raise SettingsError(
            f"{name}: want {words}, got {came}{f'; {hint}' if hint else ''} ({sources[name]})"
        ) from None
