"""clinics: WHO the tenant is: clinic, places, people, roles, the clinic scope, the clock.

What does not live here: patients, appointments, anything that is sent.
Open first: models.py, then scope.py (how every query is bound to one clinic).
"""
