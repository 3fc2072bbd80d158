"""What no template of a page may hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import nodes

from vivavoce import findings
from vivavoce.findings.report import environment

FOLDER = Path(findings.__file__).parent / "templates"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.j2")), ids=lambda path: path.name)
def test_no_name_that_the_engine_keeps_for_itself_is_written_out(path: Path) -> None:
    """A variable called `none` is never seen: the page has the engine's own, "None"."""
    tree = environment().parse(path.read_text())
    written = [each for output in tree.find_all(nodes.Output) for each in output.nodes]
    assert written
    kept = [each.lineno for each in written if _kept(each)]
    assert kept == []


def _kept(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and (node.value is None or isinstance(node.value, bool))
