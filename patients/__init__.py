"""patients: WHOM we may write to: names, addresses, language, consents and their history.

What does not live here: appointments, channels' accounts, anything that is sent.
Open first: models.py.
"""
