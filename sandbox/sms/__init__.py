"""sandbox.sms: Twilio's Messages API as Twilio documents it, the patients' phones, and the record of what was sent.

What does not live here: the faults that strike (../kinds.py, ../faults.py) and the product's own idea of Twilio.
Open first: api.py (one request), then journey.py (what becomes of a message), callbacks.py (how Twilio tells).
"""
