"""`python -m vivavoce` is the command `viva`."""

from vivavoce.app.cli import main

main()
