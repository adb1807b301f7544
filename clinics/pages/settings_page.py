"""What holds for every page of the settings? Everybody in the clinic sees the state; administrators alone change it."""

from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from clinics import clock
from clinics.models import User
from clinics.pages.access import membership_of
from clinics.pages.guard import View, clinic_page
from clinics.roles import SETTINGS_CHANGE, SETTINGS_VIEW, may
from clinics.setting_log import Act


def settings_page(view: View) -> View:
    """Decorates a view under /c/<slug>/settings/: 403 for a change by anybody but an administrator."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not may_change(request):
            raise PermissionDenied
        return view(request, **kwargs)

    return require_http_methods(["GET", "HEAD", "POST"])(clinic_page(SETTINGS_VIEW)(guarded))


def may_change(request: HttpRequest) -> bool:
    """Whether this person may change the settings."""
    return may(request.user, SETTINGS_CHANGE, membership_of(request))


def act_of(request: HttpRequest) -> Act:
    """The person and the moment of a change."""
    assert isinstance(request.user, User)  # the middleware lets nobody else through
    return Act(request.user, clock.now())


def with_reach(words: str, planned_again: int) -> str:
    """What was done, and how many appointments to come it reaches."""
    if not planned_again:
        return words
    reach = ngettext(
        "%(count)s appointment to come is planned again.",
        "%(count)s appointments to come are planned again.",
        planned_again,
    )
    return f"{words} {reach % {'count': planned_again}}"


def with_frame(request: HttpRequest, part: str, **context: Any) -> dict[str, Any]:
    """A page's context with what the frame around it needs; `part` is the entry of its menu."""
    return {"section": "settings", "part": part, "may_change": may_change(request), **context}
