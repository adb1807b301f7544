"""sandbox: the outside world for development, demo and tests: mail, SMS, failures on command.

What does not live here: product code. Nothing of it is imported here, and the product does not import this.
Open first: server.py (the parts together), then smtp.py (one conversation), sms/api.py (one request), kinds.py (what
can go wrong).
"""
