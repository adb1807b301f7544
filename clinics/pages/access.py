"""Which clinic does this page belong to, and may this person open it? The clinic is named in the address: /c/<slug>/…

The middleware is the last one, so the clinic's transaction is open while the view runs and the template renders.
Another clinic's address answers exactly like one that does not exist.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase

from clinics.models import Clinic, Membership
from clinics.scope import in_clinic


class ClinicMiddleware:
    """Opens the scope of the clinic named in the address, for its members."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Django's middleware contract."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pages outside /c/ pass; inside, a stranger is sent to log in and a non-member gets 404."""
        parts = request.path_info.split("/", 3)
        if len(parts) < 3 or parts[1] != "c":
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        membership = (
            Membership.objects.select_related("clinic").filter(user=request.user.pk, clinic__slug=parts[2]).first()
        )
        if membership is None:
            return _not_found(request)
        request.membership = membership  # type: ignore[attr-defined]
        request.clinic = membership.clinic  # type: ignore[attr-defined]
        with in_clinic(membership.clinic_id):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """A view that raises must not commit half its work: the error page is a response like any other."""
        if hasattr(request, "clinic"):
            transaction.set_rollback(True)


def _not_found(request: HttpRequest) -> HttpResponseBase:
    from django.core.handlers.exception import response_for_exception

    return response_for_exception(request, Http404())


def clinic_of(request: HttpRequest) -> Clinic:
    """The clinic of a page under /c/. Raises AttributeError elsewhere: a page that asks must live there."""
    clinic: Clinic = request.clinic  # type: ignore[attr-defined]
    return clinic


def membership_of(request: HttpRequest) -> Membership:
    """The membership of the person who opened a page under /c/."""
    membership: Membership = request.membership  # type: ignore[attr-defined]
    return membership


def clinic_context(request: HttpRequest) -> dict[str, Any]:
    """For every template: the page's clinic and the person's role, where there are such."""
    return {"clinic": getattr(request, "clinic", None), "membership": getattr(request, "membership", None)}
