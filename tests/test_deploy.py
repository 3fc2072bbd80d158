"""The files for running it somewhere: they follow their schemas, and what they name is there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from tools.try_image import instructions

from vivavoce.app.settings import Settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
# Read by compose or by the proxy, never by us.
NOT_OURS = frozenset({"POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB", "SITE"})


def documents(path: Path) -> Iterator[dict[str, Any]]:
    yield from yaml.safe_load_all(path.read_text(encoding="utf-8"))


def walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests_follow_the_schemas_of_kubernetes(path: Path) -> None:
    for document in documents(path):
        kubernetes_validate.validate(document, "1.37", strict=True)


def test_a_manifest_with_a_mistake_is_seen() -> None:
    (document,) = documents(DEPLOY / "kubernetes" / "10-namespace.yaml")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**document, "metadata": {"nam": "vivavoce"}}, "1.37", strict=True)


def test_the_dockerfile_passes_the_linter() -> None:
    found = subprocess.run(
        [Path(sys.executable).parent / "hadolint", DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_settings_that_are_named_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"\bVIVA_([A-Z_]+)", text):
        assert name.lower() in Settings.__struct_fields__, f"VIVA_{name}"


def test_the_dockerfile_copies_what_is_there_and_nothing_that_is_ignored() -> None:
    let_in = {
        line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    for word, value in instructions((DEPLOY / "Dockerfile").read_text(encoding="utf-8")):
        if word == "COPY" and not value.startswith("--from"):
            for name in value.split()[:-1]:
                assert (ROOT / name).exists()
                assert name in let_in


def test_every_part_listens_and_is_asked_on_the_same_port() -> None:
    steps = dict(instructions((DEPLOY / "Dockerfile").read_text(encoding="utf-8")))
    port = steps["EXPOSE"]
    assert f"VIVA_PORT={port}" in steps["ENV"]
    assert f"server:{port}" in (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    for path in (*MANIFESTS, DEPLOY / "cloudrun" / "service.yaml"):
        for document in documents(path):
            for node in walk(document):
                if "containerPort" in node:
                    assert str(node["containerPort"]) == port


def test_probes_ask_for_routes_that_exist() -> None:
    from vivavoce.app.api import health

    routes = {getattr(route, "path", "") for route in health.router.routes}
    for path in (*MANIFESTS, DEPLOY / "cloudrun" / "service.yaml"):
        for document in documents(path):
            for node in walk(document):
                if "httpGet" in node:
                    assert node["httpGet"]["path"] in routes


def test_what_compose_wants_is_told() -> None:
    page = (ROOT / "docs/howto/deploy.md").read_text(encoding="utf-8")
    for name in re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")):
        assert name in NOT_OURS
        assert name in page
