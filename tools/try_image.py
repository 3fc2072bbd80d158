"""Run the steps of `deploy/Dockerfile` in a clean Debian root, in its order, then start what the image would start.

There is not always a container engine where this is worked on; the image's base is Debian itself, so a root made by
debootstrap is what the steps would meet. Needs root, `debootstrap` and half a gigabyte. `make image-check` calls it.

What of this machine goes in: where apt, pip and npm find their packages, and which certificates they believe.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
SUITES = {"debian:12-slim": "bookworm", "debian:13-slim": "trixie"}
NPM_FILES = ("etc/npmrc", "usr/local/etc/npmrc", "root/.npmrc")
PIP_FILES = ("etc/pip.conf", "root/.config/pip/pip.conf", "root/.pip/pip.conf")
BELIEVED = "/usr/local/share/believed.pem"
"""Where the certificates go that this machine believes: the steps make the usual file anew."""
READY_WITHIN_S = 120.0


@dataclass
class Stage:
    """What the instructions of one `FROM` add up to."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Every instruction of a Dockerfile with its value; continued lines are joined."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    for line in filter(None, map(str.strip, joined.splitlines())):
        word, _, value = line.partition(" ")
        yield word.upper(), value.strip()


class Image:
    """The stages of a Dockerfile, built one after the other below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stages: dict[str, Stage] = {}
        self._mounted: list[Path] = []
        self.last: Stage | None = None

    def build(self, text: str) -> Stage:
        for word, value in instructions(text):
            print(f"== {word} {value[:100]}", flush=True)
            step = getattr(self, f"_{word.lower()}", None)
            if step is None:
                sys.exit(f"want an instruction this script knows, got {word}")
            step(value)
        assert self.last is not None, "a Dockerfile begins with FROM"
        return self.last

    @property
    def _stage(self) -> Stage:
        assert self.last is not None, "FROM comes first"
        return self.last

    def _from(self, value: str) -> None:
        base, _, name = value.partition(" AS ")
        root = self._folder / (name or "final")
        run("debootstrap", "--variant=minbase", SUITES[base], str(root), stdout=subprocess.DEVNULL)
        for file in ("etc/resolv.conf", *PIP_FILES, *NPM_FILES):
            copy_in(root, file)
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / BELIEVED.lstrip("/"))
        for pattern in ("etc/apt/sources.list", "etc/apt/sources.list.d/*", "etc/apt/keyrings/*"):
            for found in Path("/").glob(pattern):
                there = copy_in(root, str(found.relative_to("/")))
                if there is not None and "sources" in pattern:
                    there.write_text(there.read_text().replace(codename(), SUITES[base]))
        for name_of in ("proc", "dev"):
            run("mount", "--rbind", f"/{name_of}", str(root / name_of))
            self._mounted.append(root / name_of)
        for place in package_places():
            (root / place.relative_to("/")).mkdir(parents=True, exist_ok=True)
            run("mount", "--bind", str(place), str(root / place.relative_to("/")))
            self._mounted.append(root / place.relative_to("/"))
        self.last = self._stages[name or "final"] = Stage(root)

    def _shell(self, value: str) -> None:
        assert json.loads(value)[0] == "/bin/bash", "RUN is run with bash"

    def _arg(self, value: str) -> None:
        name, _, default = value.partition("=")
        self._stage.args[name] = default

    def _env(self, value: str) -> None:
        for part in shlex.split(value):
            name, _, text = part.partition("=")
            self._stage.env[name] = text.replace("$PATH", self._stage.env.get("PATH", os.defpath))

    def _workdir(self, value: str) -> None:
        self._stage.workdir = value
        (self._stage.root / value.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _user(self, value: str) -> None:
        self._stage.user = value

    def _copy(self, value: str) -> None:
        stage, parts = self._stage, value.split()
        source = ROOT
        if parts[0].startswith("--from="):
            source = self._stages[parts.pop(0).removeprefix("--from=")].root
        *names, target = parts
        for name in names:
            here = source / name.lstrip("/")
            there = stage.root / os.path.join(stage.workdir, target).lstrip("/")  # noqa: PTH118  # an absolute one wins
            if here.is_dir():
                shutil.copytree(here, there, symlinks=True, dirs_exist_ok=True, ignore=ignored)
            else:
                shutil.copy(here, there / here.name if target.endswith("/") else there)

    def _run(self, value: str) -> None:
        stage = self._stage
        outside = {"PATH": os.defpath + ":/usr/sbin:/sbin", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
        env = {**outside, **pip_environment(), **npm_environment(), **stage.args, **stage.env}
        script = f"cd {shlex.quote(stage.workdir)}; {value}"
        run("chroot", str(stage.root), "/bin/bash", "-o", "pipefail", "-euc", script, env=env)

    def _entrypoint(self, value: str) -> None:
        self._stage.entrypoint = json.loads(value)

    def _cmd(self, value: str) -> None:
        self._stage.command = json.loads(value)

    def _healthcheck(self, value: str) -> None:
        self._stage.health = json.loads(value.partition("CMD ")[2])

    def _nothing(self, value: str) -> None:
        """Says something to a container engine only."""

    _volume = _expose = _stopsignal = _nothing

    def close(self) -> None:
        for place in reversed(self._mounted):
            with suppress(subprocess.CalledProcessError):
                run("umount", "--recursive", "--lazy", str(place))


def run(*command: str, env: dict[str, str] | None = None, stdout: int | None = None) -> None:
    subprocess.run(command, check=True, env=env, stdout=stdout)


def copy_in(root: Path, file: str) -> Path | None:
    """A copy of a file of this machine below a root; None where there is none."""
    here, there = Path("/") / file, root / file
    if not here.is_file():
        return None
    there.parent.mkdir(parents=True, exist_ok=True)
    there.unlink(missing_ok=True)
    shutil.copy(here, there)
    return there


def codename() -> str:
    """Which Debian this machine is."""
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def ignored(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in ("__pycache__", "node_modules")}


def pip_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("PIP_")} | {"PIP_CERT": BELIEVED}


def npm_environment() -> dict[str, str]:
    told = {name: value for name, value in os.environ.items() if name.lower().startswith("npm_config_")}
    return told | {"npm_config_cafile": BELIEVED}


def package_places() -> list[Path]:
    """Folders of this machine in which pip looks for packages."""
    texts = [*pip_environment().values(), *(p.read_text() for p in map(Path("/").joinpath, PIP_FILES) if p.is_file())]
    found = {Path(match) for text in texts for match in re.findall(r"(?:file://|(?<![\w:/.]))(/[\w./-]+)", text)}
    found = {place for place in found if place.is_dir()}
    # an index names its files relative to itself, beside it
    return sorted({place.parent if len(place.parts) > 3 else place for place in found if str(place) != BELIEVED})


def start(stage: Stage) -> None:
    """Start what the image starts, as its user, and wait until its health check is content."""
    env = {"HOME": "/data", "VIVA_API_KEY": "only-for-this-check", **stage.env}
    chroot = shutil.which("chroot")
    assert chroot is not None, "the steps before were run in it"
    inside = [chroot, f"--userspec={stage.user}:{stage.user}", str(stage.root), "/usr/bin/env", "-C", stage.workdir]
    server = subprocess.Popen([*inside, *stage.entrypoint, *stage.command], env=env)
    try:
        began = time.monotonic()
        while subprocess.run([*inside, *stage.health], env=env, stderr=subprocess.DEVNULL, check=False).returncode:
            if server.poll() is not None:
                sys.exit(f"want a server that stays, got exit code {server.returncode}")
            if time.monotonic() - began > READY_WITHIN_S:
                sys.exit(f"want a server that is ready within {READY_WITHIN_S:.0f} s, got none")
            time.sleep(0.5)
        print(f"ready after {time.monotonic() - began:.1f} s", flush=True)
        try:
            url = f"http://127.0.0.1:{stage.env['VIVA_PORT']}/api/v1/calls"
            urllib.request.urlopen(url, timeout=5)
        except urllib.error.HTTPError as error:
            print(f"without a key: {error.code}", flush=True)
            if error.code != 401:
                sys.exit("want 401 for a request without a key")
    finally:
        server.terminate()
        code = server.wait(timeout=60)
    print(f"stopped with {code}", flush=True)
    if code:
        sys.exit("want a server that stops cleanly")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="leave the root behind")
    given = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        sys.exit("want root and debootstrap (apt-get install debootstrap)")
    folder = Path(tempfile.mkdtemp(prefix="viva-image-"))
    image = Image(folder)
    try:
        stage = image.build(DOCKERFILE.read_text(encoding="utf-8"))
        size = sum(file.lstat().st_size for file in (stage.root / "opt/viva").rglob("*") if not file.is_symlink())
        print(f"/opt/viva has {size / 1e6:.0f} MB", flush=True)
        start(stage)
    finally:
        image.close()
        if given.keep:
            print(folder)
        else:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
