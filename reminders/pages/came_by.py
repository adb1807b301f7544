"""Which way did a reminder come about, and by whom?"""

from django.utils.translation import gettext as _

from reminders.kinds import Origin
from reminders.models import Reminder


def came_by(reminder: Reminder) -> str:
    """Which way it came about, and by whom: "automatically", "by hand by Ana Gil"."""
    if reminder.origin == Origin.AUTOMATIC:
        return _("automatically")
    name = reminder.by.get_full_name() if reminder.by else ""
    return _("by hand by %(name)s") % {"name": name} if name else _("by hand")
