"""What follows when a sender's account is let be, or works again? One alert a time, and what was held goes on at once.

Each drain takes this up with the other news. An alert is taken under a lease and sent by a thread of its own, so that a
slow mail server of the platform's keeps no drain; a drain that dies meanwhile leaves it to another one. So after a kill
it may come twice, and never not at all.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache, partial
from smtplib import SMTPException

from django.db import connection, transaction
from django.db.models import Q

from clinics.clock import shift
from clinics.models import Clinic
from clinics.scope import in_clinic
from messaging import sender_state
from messaging.alert import administrators, send_alert
from messaging.channels import Channel
from messaging.outcomes import ACCOUNT_FAULTS
from messaging.sender_state import Failing, failing
from reminders.kinds import State
from reminders.models import Reminder

log = logging.getLogger(__name__)

#: How many accounts a drain looks after.
LIMIT = 500


def take_up(now: datetime) -> None:
    """Tells of accounts that are let be, and lets go on what was held for those that work again."""
    for clinic_id, state_ids in sender_state.news(LIMIT).items():
        try:
            with in_clinic(clinic_id):
                _alert(clinic_id, state_ids)
                mended = sender_state.mended_channels(state_ids)
                for channel, _ in mended.values():
                    _look_at(channel, now)
            with in_clinic(clinic_id):  # apart: whoever prepares holds an account first, and reminders then
                for state_id, (_, at) in mended.items():
                    sender_state.released(state_id, at)
        except Exception:  # one clinic's trouble is not another's
            log.exception("clinic %s: its senders are not looked after for now", clinic_id)


def _look_at(channel: Channel, now: datetime) -> None:
    """What is held goes on at once, and so does what the account refused and waits for its next try."""
    waits = Q(state=State.HELD) | Q(state=State.PLANNED, tries__gt=0, failure__in=ACCOUNT_FAULTS)
    Reminder.objects.filter(waits, channel=channel, look_at__gt=now).update(look_at=now)


def _alert(clinic_id: int, state_ids: list[int]) -> None:
    for state in sender_state.take_alerts(state_ids):
        transaction.on_commit(partial(_mailer().submit, _tell, clinic_id, state.pk, failing(state)))


@cache
def _mailer() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="alerts")


def _tell(clinic_id: int, state_id: int, account: Failing) -> None:
    try:
        clinic = Clinic.objects.get(pk=clinic_id)
        people = administrators(clinic)
        if not people:
            log.warning("clinic %s has no administrator to tell that an account of its fails", clinic_id)
        send_alert(clinic, people, account, account.since + shift())
        with in_clinic(clinic_id):
            sender_state.told(state_id, account.since)
    except (OSError, SMTPException) as error:
        log.warning("clinic %s is not told now that an account of its fails: %s", clinic_id, type(error).__name__)
    except Exception:
        log.exception("clinic %s: its alert cannot be sent", clinic_id)
    finally:
        connection.close()
