"""Tools a speaker may use during a call. `builtins()` are those that need nothing but arithmetic."""

from vivavoce.tools import market_size, sensitivity, unit_economics
from vivavoce.tools.runner import Tool, ToolFn, ToolRunner

__all__ = ["Tool", "ToolFn", "ToolRunner", "builtins"]


def builtins() -> dict[str, ToolFn]:
    """The tools every server has, by name."""
    return {str(tool.declaration["name"]): tool for tool in (unit_economics.TOOL, sensitivity.TOOL, market_size.TOOL)}
