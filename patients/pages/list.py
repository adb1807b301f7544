"""Who are the clinic's patients? A list to search, page by page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinics.pages.access import clinic_of, membership_of
from clinics.pages.guard import clinic_page
from clinics.roles import LOG_SEE_ADDRESS, PATIENT_EDIT, PATIENT_VIEW, may
from patients.models import Patient
from patients.pages.search import matching, page_of
from patients.pages.words import found


@require_safe
@clinic_page(PATIENT_VIEW)
def patients(request: HttpRequest) -> HttpResponse:
    """`?q=` what is sought, `after=` the id that the page begins after, `archived=1` the archived ones instead."""
    clinic, member = clinic_of(request), membership_of(request)
    sought, archived = request.GET.get("q", ""), request.GET.get("archived") == "1"
    rows = Patient.objects.filter(archived=True) if archived else matching(sought, clinic.country)
    page, following = page_of(rows, read_id(request.GET.get("after", "")))
    in_full = may(request.user, LOG_SEE_ADDRESS, member)
    context = {
        "section": "patients",
        "patients": [found(patient, in_full) for patient in page],
        "following": following,
        "sought": sought,
        "archived": archived,
        "first_page": not request.GET.get("after"),
        "may_edit": may(request.user, PATIENT_EDIT, member),
    }
    return render(request, "patients/list.html", context)


def read_id(text: str) -> int | None:
    """An id out of an address; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
