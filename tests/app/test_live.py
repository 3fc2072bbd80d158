"""`viva live`: what it prints, what it refuses, and that it serves and stops."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.local.dialling import dial, greet, serving, talk
from vivavoce.app import live
from vivavoce.app.cli import app
from vivavoce.app.live import LiveOptions, Running, environment, exports, known, run, running
from vivavoce.errors import InputError
from vivavoce.local.front.certificate import Certificate, self_made
from vivavoce.local.minds.choose import shown
from vivavoce.local.tempo import Tempo

OWN = Certificate(Path("/own/cert.pem"), Path("/own/key.pem"))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("NO_PROXY", "no_proxy", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


def variables(**changes: object) -> dict[str, str]:
    """What `--print-env` prints, read as a shell would."""
    lines = exports(known(LiveOptions(**changes)))  # type: ignore[arg-type]  # any option
    words = [shlex.split(line) for line in lines]
    assert all(len(word) == 2 and word[0] == "export" for word in words)
    return dict(word[1].split("=", 1) for word in words)


@pytest.mark.conformance("S1")
def test_the_variables_point_both_sdks_at_it(tmp_path: Path) -> None:
    found = variables()
    assert found["GOOGLE_GEMINI_BASE_URL"] == found["GOOGLE_VERTEX_BASE_URL"] == "https://localhost:8644"
    assert found["SSL_CERT_FILE"] == str(tmp_path / "vivavoce/tls/trust.pem")
    assert found["NODE_EXTRA_CA_CERTS"] == str(tmp_path / "vivavoce/tls/authority.pem")
    assert found["NO_PROXY"] == found["no_proxy"] == "localhost,127.0.0.1,::1"
    assert found["GOOGLE_API_KEY"]
    assert found["OPENAI_BASE_URL"] == "http://localhost:8643/v1"
    assert Path(found["SSL_CERT_FILE"]).is_file(), "it works before the server runs"


def test_the_variables_follow_the_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "firm.test, localhost")
    found = variables(host="::1", tls_port=1, port=2, keys=("a b'c", "other"))
    assert found["GOOGLE_GEMINI_BASE_URL"] == "https://[::1]:1"
    assert found["OPENAI_BASE_URL"] == "http://[::1]:2/v1"
    assert found["GOOGLE_API_KEY"] == "a b'c"
    assert found["NO_PROXY"] == "firm.test,localhost,127.0.0.1,::1"
    assert variables(host="0.0.0.0")["GOOGLE_GEMINI_BASE_URL"] == "https://localhost:8644"


def test_a_certificate_of_ones_own_brings_its_own_trust() -> None:
    assert "SSL_CERT_FILE" not in environment(LiveOptions(), OWN, port=1, tls_port=2)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"port": 0}, "want --port and --tls-port"),
        ({"certificate_file": Path("x")}, "want --cert and --cert-key together"),
    ],
)
def test_what_cannot_be_printed(changes: dict[str, object], wanted: str) -> None:
    with pytest.raises(InputError, match=wanted):
        exports(known(LiveOptions(**changes)))  # type: ignore[arg-type]  # any option


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"host": "0.0.0.0"}, "want --key when the host is not the loopback"),
        ({"faults": "none.yaml"}, "want a YAML file"),
        ({"faults": "dead-handel"}, "did you mean dead-handle"),
        ({"faults": "disk-full"}, "want faults of the model's link"),
        ({"brain": "nobody"}, "want the brain"),
        ({"certificate_file": Path("x"), "key_file": Path("y")}, "want a certificate and its key"),
        ({"keys": ("good", "")}, "want API keys that are not empty"),
        ({"voices": Path("no-such-folder")}, "want a directory"),
        ({"ears": Path("no-such-folder")}, "want a directory"),
    ],
)
async def test_what_it_does_not_start_with(changes: dict[str, object], wanted: str) -> None:
    options = {"port": 0, "tls_port": 0} | changes
    with pytest.raises(InputError, match=wanted):
        async with running(LiveOptions(**options)):  # type: ignore[arg-type]  # any option
            pass


def test_the_pace_of_a_test() -> None:
    assert LiveOptions().tempo() == Tempo()
    assert LiveOptions(speed=2.0).tempo() == Tempo(speed=2.0)
    assert LiveOptions(at_once=True).tempo() == Tempo(speed=1000.0, until_played=False)
    assert LiveOptions(at_once=True, speed=5.0).tempo() == Tempo(speed=5.0, until_played=False)


def test_an_unheard_server_says_so() -> None:
    mute = Running(environment(LiveOptions(), OWN, port=1, tls_port=2), {"ears": "none", "mouth": "none", "brain": "x"})
    told = "\n".join(mute.lines(LiveOptions()))
    assert "https://localhost:2" in told
    assert "http://localhost:1" in told
    assert "clients have to type" in told
    assert "answers are silence" in told
    assert "any API key" in told


def test_no_key_is_shown() -> None:
    options = LiveOptions(keys=("secret",), brain="https://user:secret@host/v1#m")
    assert "secret" not in repr(options)
    assert "secret" not in shown(options.brain)


@pytest.mark.slow
async def test_it_serves_what_it_prints() -> None:
    options = LiveOptions(port=0, tls_port=0, brain="echo", at_once=True, life_s=500)
    async with running(options) as server:
        told = json.loads(server.as_json())
        assert told["addresses"]["tls"] == told["environment"]["GOOGLE_GEMINI_BASE_URL"]
        port = int(told["addresses"]["plain"].rpartition(":")[2])
        async with dial(port) as link:
            await greet(link)
            await talk(link)


@asynccontextmanager
async def _reluctant(options: LiveOptions) -> AsyncIterator[Running]:
    yield Running({}, {})
    if options.seed:
        await asyncio.Event().wait()  # a client that does not go


@pytest.mark.parametrize("signals", [1, 2])
async def test_it_stops_when_told_and_at_once_when_told_again(signals: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "running", _reluctant)
    told = asyncio.Event()
    task = asyncio.create_task(run(LiveOptions(seed=signals - 1), lambda _: told.set()))
    await told.wait()
    for _ in range(signals):
        assert not task.done()
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(20):
            await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await task


def examples(language: str) -> list[str]:
    page = (Path(__file__).parents[2] / "docs/howto/use-the-stand-in.md").read_text()
    return [block.split("```")[0] for block in page.split(f"```{language}\n")[1:]]


@pytest.mark.slow
async def test_the_python_examples_of_the_page_run(tmp_path: Path) -> None:
    certificate = self_made()
    async with serving(host="localhost", certificate=certificate) as server:
        found = environment(LiveOptions(), certificate, port=server.port, tls_port=server.tls_port)
        surroundings = os.environ | found | {"LIVE_HOST": f"localhost:{server.port}"}
        said = []
        for number, example in enumerate(examples("python")):
            path = tmp_path / f"example_{number}.py"
            path.write_text(example)
            ran = await asyncio.create_subprocess_exec(
                sys.executable, str(path), env=surroundings, stdout=asyncio.subprocess.PIPE
            )
            async with asyncio.timeout(60):
                said.append((await ran.communicate())[0].decode())
            assert ran.returncode == 0
    assert [each for each in said if "Hello, is anybody there?" not in each] == []
    assert "s of sound)" in said[0]


def test_the_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["live", "--print-env", "--port", "7001", "--tls-port", "7002", "--key", "k"])
    assert result.exit_code == 0
    assert "export GOOGLE_GEMINI_BASE_URL=https://localhost:7002" in result.output
    assert "export GOOGLE_API_KEY=k" in result.output
    assert self_made().trust_file == tmp_path / "vivavoce/tls/trust.pem"
