"""Where does a person go after the log-in? To the agenda of the clinic, or to a choice of clinics."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from clinics.models import Membership


@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """One clinic: straight to its agenda. Several: a list. None: a sentence that says whom to ask."""
    memberships = list(
        Membership.objects.select_related("clinic").filter(user=request.user.pk).order_by("clinic__name", "id")
    )
    if len(memberships) == 1:
        return redirect("agenda", slug=memberships[0].clinic.slug)
    return render(request, "clinics/home.html", {"memberships": memberships})
