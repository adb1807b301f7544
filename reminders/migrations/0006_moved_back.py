"""A move back within the grace returns to the occurrence that was left, with its reminders and marks.

Replaces the function of appointments 0003. It stands here because it looks at reminders: what was begun for the time
that is left again has told the patient of it, and then a move back is a new occurrence. The grace is
`reminders.timing.GRACE`; a test holds the two equal. The trigger runs with the rights of whoever changes the row, so
it sees the reminders of the same clinic.
"""

import importlib

from django.db import migrations

BEFORE = importlib.import_module("appointments.migrations.0003_revision_trigger").CREATE.split("CREATE TRIGGER")[0]

REPLACE = """
CREATE OR REPLACE FUNCTION appointments_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before appointments_appointment := OLD;
    after appointments_appointment := NEW;
    moment timestamptz;
BEGIN
    before.planned_revision := 0; after.planned_revision := 0;
    IF before IS NOT DISTINCT FROM after THEN
        RETURN NEW;
    END IF;
    -- The way back is this trigger's own, and so is every number that was given before: a writer may only set a new one.
    NEW.former_start := OLD.former_start;
    NEW.former_occurrence := OLD.former_occurrence;
    IF NEW.revision < OLD.revision THEN  -- read before a change and saved whole: its numbers are old
        NEW.occurrence := OLD.occurrence;
        NEW.occurrence_counter := OLD.occurrence_counter;
        NEW.start_set_at := OLD.start_set_at;
    END IF;
    IF NEW.revision <= OLD.revision THEN
        NEW.revision := OLD.revision + 1;
    END IF;
    IF NEW.occurrence <= OLD.occurrence_counter THEN
        NEW.occurrence := OLD.occurrence;
    END IF;
    NEW.occurrence_counter := greatest(OLD.occurrence_counter, NEW.occurrence_counter, NEW.occurrence);
    IF NEW.start IS NOT DISTINCT FROM OLD.start THEN
        RETURN NEW;
    END IF;
    NEW.former_start := OLD.start;
    NEW.former_occurrence := OLD.occurrence;
    moment := clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0');
    IF NEW.start_set_at <= OLD.start_set_at THEN
        NEW.start_set_at := moment;
    END IF;
    IF NEW.occurrence <> OLD.occurrence THEN  -- the writer's new number
        RETURN NEW;
    END IF;
    IF NEW.start = OLD.former_start AND moment < OLD.start_set_at + interval '3 minutes' AND NOT EXISTS (
        SELECT FROM reminders_reminder r
        WHERE r.clinic_id = OLD.clinic_id AND r.appointment_id = OLD.id AND r.occurrence = OLD.occurrence
            AND (r.message_id IS NOT NULL OR r.state IN ('claimed', 'sending'))
    ) THEN
        NEW.occurrence := OLD.former_occurrence;
    ELSE
        NEW.occurrence_counter := NEW.occurrence_counter + 1;
        NEW.occurrence := NEW.occurrence_counter;
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reminders", "0005_rules_in_full"), ("appointments", "0005_notices")]
    operations = [migrations.RunSQL(REPLACE, BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))]
