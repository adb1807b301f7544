"""How far has the plan come after a change that touches every appointment? The line that stands on pages meanwhile."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinics.pages.guard import clinic_page
from clinics.roles import AGENDA_VIEW


@require_safe
@clinic_page(AGENDA_VIEW)
def plan_progress(request: HttpRequest) -> HttpResponse:
    """The line as it stands now, asked by itself; nothing once the plan is up to date, and then it is gone."""
    return render(request, "parts/plan_progress.html")
