"""Who may make an account? Nobody by himself: administrators add members."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks, where Avisa differs."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: a clinic's people are added by its administrators."""
        return False
