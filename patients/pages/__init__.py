"""patients.pages: the pages on which staff find and keep patients' records.

What does not live here: how a record is written (patients.writing). Open first: urls.py.
"""
