"""The trigger that raises `revision` and `occurrence` where the writer has not.

Form, import, shell and raw SQL count alike. `planned_revision` is the plan's own column: changing it alone raises
nothing, so the plan's writers cause no further planning.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION appointments_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before appointments_appointment := OLD;
    after appointments_appointment := NEW;
BEGIN
    before.planned_revision := 0; after.planned_revision := 0;
    IF before IS NOT DISTINCT FROM after THEN
        RETURN NEW;
    END IF;
    IF NEW.revision <= OLD.revision THEN
        NEW.revision := OLD.revision + 1;
    END IF;
    IF NEW.occurrence_counter < OLD.occurrence_counter THEN  -- read before a move and saved whole: its numbers are old
        NEW.occurrence_counter := OLD.occurrence_counter;
        NEW.occurrence := OLD.occurrence;
        NEW.start_set_at := OLD.start_set_at;
    END IF;
    NEW.occurrence_counter := greatest(NEW.occurrence_counter, NEW.occurrence);
    IF NEW.start IS DISTINCT FROM OLD.start AND NEW.occurrence = OLD.occurrence THEN
        NEW.occurrence_counter := OLD.occurrence_counter + 1;
        NEW.occurrence := NEW.occurrence_counter;
        IF NEW.start_set_at = OLD.start_set_at THEN
            NEW.start_set_at := clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER raise_revision BEFORE UPDATE ON appointments_appointment
FOR EACH ROW EXECUTE FUNCTION appointments_raise_revision();
"""
DROP = "DROP TRIGGER raise_revision ON appointments_appointment; DROP FUNCTION appointments_raise_revision();"


class Migration(migrations.Migration):
    dependencies = [("appointments", "0002_initial"), ("clinics", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
