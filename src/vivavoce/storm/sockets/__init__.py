"""Real calls over real sockets: a live model and a crowd of callers, each in a process of its own, that keep count."""
