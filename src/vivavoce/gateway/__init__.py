"""One call: accept, carry, record, hand back. A shell: it carries between the caller, the conversation, the live model
and the store.
"""
