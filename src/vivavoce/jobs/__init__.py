"""Background work that survives the death of whoever does it. Five verbs for those who ask; workers do it."""
