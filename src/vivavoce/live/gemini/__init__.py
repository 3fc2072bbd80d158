"""The Gemini Live dialect, at AI Studio, on Vertex AI and on the embedded model: `dialect` (the verbs), `setup` (what
the model is told first), `fit` (what it would refuse is left out), `listen` (its messages as events).
"""
