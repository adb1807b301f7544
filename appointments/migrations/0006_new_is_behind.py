"""A new appointment is planned whatever its columns say: a copy of another one (`a.pk = None; a.save()`), or a row of raw
SQL, brings the other's `planned_revision` with it. See 0003_revision_trigger."""

from django.db import migrations

CREATE = """
CREATE FUNCTION appointments_begin_unplanned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.planned_revision := 0;
    NEW.revision := greatest(NEW.revision, 1);
    RETURN NEW;
END $$;
CREATE TRIGGER begin_unplanned BEFORE INSERT ON appointments_appointment
FOR EACH ROW EXECUTE FUNCTION appointments_begin_unplanned();
"""
DROP = "DROP TRIGGER begin_unplanned ON appointments_appointment; DROP FUNCTION appointments_begin_unplanned();"


class Migration(migrations.Migration):
    dependencies = [("appointments", "0005_notices")]
    operations = [migrations.RunSQL(CREATE, DROP)]
