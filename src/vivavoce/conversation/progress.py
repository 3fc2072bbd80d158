"""How far the model has come in the talk: what a handle of now would know."""

from __future__ import annotations

from vivavoce.conversation import signals as sig


class Progress:
    """
    Attributes:
        talked: it has spoken in this call.
        generating: it is in the middle of a reply.
    """

    def __init__(self) -> None:
        self.talked = False
        self.generating = False
        self._turn = 0  # its newest turn
        self._whole = 0  # ... that it has finished

    def turn_began(self, signal: sig.TurnBegan) -> None:
        if signal.who != "caller":
            self._turn = signal.turn

    def finished(self) -> None:
        """Nothing more comes of its turn."""
        self.generating = False
        self._whole = self._turn

    @property
    def turn(self) -> int:
        """The newest turn that it knows from its beginning to its end; what the caller says after that it may know."""
        return self._whole if self.generating else self._turn
