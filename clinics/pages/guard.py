"""What holds for every page of a clinic? The role is asked, times are in its zone, nothing is kept in caches."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from clinics.pages.access import clinic_of, membership_of
from clinics.roles import may

View = Callable[..., HttpResponse]


def clinic_page(permission: str) -> Callable[[View], View]:
    """Decorates a view under /c/<slug>/: 403 without the permission. The slug is read by ClinicMiddleware, so the
    view does not get it. The page must be rendered inside the view, not later."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
            if not may(request.user, permission, membership_of(request)):
                raise PermissionDenied
            with timezone.override(ZoneInfo(clinic_of(request).time_zone)):
                return view(request, **kwargs)

        return never_cache(guarded)

    return decorate
