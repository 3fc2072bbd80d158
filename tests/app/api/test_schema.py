"""Schemathesis against a whole server: what its document promises, the server keeps, whatever it is sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.api.conftest import NO_LIMITS
from tests.app.api.inhabited import SOURCE, Inhabited, inhabited
from tests.app.api.studied import studied
from tests.conversation.talk import ROOT

KEY = "a-key-for-the-tests-only"
AS_OWNER = {"Authorization": f"Bearer {KEY}"}
CONFIG = """
# 400 is for what no schema says: a cursor of another list, a wish that an agent does not grant
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 401, 403, 404, 409, 410, 412]
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    with inhabited(tmp_path_factory.mktemp("schema"), api_key=KEY, **NO_LIMITS) as home:
        home.names |= home.ask(lambda: studied(home.services))
        with httpx.Client(base_url=home.url, headers=AS_OWNER, timeout=30) as http:
            for of in ("webhook_id", "webhooks_remove.webhook_id"):
                made = http.post("/api/v1/webhooks", json={"url": "https://example.com/hook", "events": ["call.ended"]})
                assert made.status_code == 201, made.text
                home.names[of] = made.json()["webhook"]["id"]
            tested = http.post(f"/api/v1/webhooks/{home.names['webhook_id']}/test")
            assert tested.status_code == 202, tested.text
            home.names["delivery_id"] = tested.json()["id"]
        yield home


@pytest.mark.slow
def test_schemathesis_finds_nothing(home: Inhabited, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG)
    run = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(config),
            "run", f"{home.url}/api/v1/openapi.json", "-H", f"Authorization: Bearer {KEY}",
            "--checks", "all", "--max-examples", "3", "--seed", "1", "--generation-deterministic", "--workers", "1",
            "--warnings", "off", "--no-color",
        ],
        cwd=tmp_path,
        env={
            **os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.app.api.hooks",
            "VIVA_NAMES": json.dumps(home.names), "VIVA_SOURCE": SOURCE,
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
    assert "Test cases:" in run.stdout
