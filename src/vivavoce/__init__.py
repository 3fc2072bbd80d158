"""Viva Voce: live voice agents, and the decisions that come out of the talk."""

__version__ = "0.1.0"

__all__ = ["__version__"]
