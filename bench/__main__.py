"""`make bench`: every benchmark in turn, after a line that says on what and when."""

from __future__ import annotations

import os
import platform
import runpy
from datetime import UTC, datetime

NAMES = ("wire", "conversation", "store", "relay", "ears", "mouth")


def main() -> None:
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.python_implementation()} {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )
    for name in NAMES:
        print(f"\n== {name}")
        runpy.run_module(f"bench.{name}", run_name="__main__")


if __name__ == "__main__":
    main()
