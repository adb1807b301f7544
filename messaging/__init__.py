"""messaging: HOW a message reaches an address: senders, messages, attempts (the delivery log), providers.

What does not live here: patients and appointments; a message knows an address and a text, nothing else.
Open first: delivery.py (begin, call, finish), then providers/smtp.py.
"""
