"""The OpenAI Realtime protocol in front of a talk: `session` (one connection), `inputs` (what a client sends), `outlet`
(what it is told), `setting` (what it asks for), `items` (the conversation as it sees it), `sound` (formats).
"""
