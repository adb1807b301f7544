"""The address at which providers call back; the attempt's token in it is known to the provider alone."""

from django.urls import path

from messaging.pages.callbacks import callback

urlpatterns = [path("w/<slug:name>/<slug:token>", callback, name="callback")]
