"""How an agent appears on pages: what is told of it, its frame's passes, its picture, and the snippets to paste."""
