"""The web server's door: gunicorn loads `config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("STATEMENT_SECONDS", "30")  # a page that needs longer keeps a thread from all the others
application = get_wsgi_application()

from clinics.serving import refuse_mighty_role  # noqa: E402  (Django must be set up first)

refuse_mighty_role()
