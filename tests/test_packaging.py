"""What is installed from a wheel is whole: the browser's files, the samples, what others' code is licensed under."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conversation.talk import ROOT
from vivavoce.app.built import KINDS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Of every file in a wheel of this tree. What builds it stands in the same environment: a build of its own would
    have to be fetched.
    """
    if shutil.which("node") is None:
        pytest.skip("without Node there is nothing built for browsers")
    folder = tmp_path_factory.mktemp("wheel")
    build = [str(Path(sys.executable).with_name("uv")), "build", "--wheel", "--no-build-isolation", "--quiet"]
    where = ["--python", sys.executable, "--out-dir", str(folder), str(ROOT)]
    ran = subprocess.run([*build, "--offline", *where], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


def test_the_wheel_holds_every_file_that_browsers_load(names: set[str]) -> None:
    assert {name for name in names if name.startswith("vivavoce/app/static/")} == {
        f"vivavoce/app/static/{name}" for name in KINDS
    }


def test_the_wheel_holds_no_sources_of_the_browsers_part(names: set[str]) -> None:
    assert [name for name in names if name.endswith((".ts", ".map", ".mjs")) or "node_modules" in name] == []


def test_the_wheel_holds_the_samples_and_the_licences(names: set[str]) -> None:
    assert "vivavoce/examples/agents/founder.yaml" in names
    assert "vivavoce/app/static/licenses.txt" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
