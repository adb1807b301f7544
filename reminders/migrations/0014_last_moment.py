"""What is changed while its reminder waits for its call stops that call.

A worker begins several reminders in one transaction and calls them one after the other. A change that commits in
between, of the appointment, its patient's record, or what staff say about reminding of it, ends the attempts that are
begun and not called: the worker's mark, the last fence, then finds them ended, and the reminder is decided again. A
mark that is just being written has locked its attempt; it is passed over here, as its call has begun.

That the patient confirms stops no call: what was begun before goes all the same (DESIGN.md 10.9).
"""

from django.db import migrations

STOP = """
CREATE FUNCTION reminders_stop_uncalled() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    appointments bigint[];
BEGIN
    IF TG_TABLE_NAME = 'appointments_appointment' THEN
        appointments := ARRAY[NEW.id];
    ELSIF TG_TABLE_NAME = 'patients_patient' THEN
        appointments := ARRAY(SELECT p.id FROM appointments_appointment p
                              WHERE p.clinic_id = NEW.clinic_id AND p.patient_id = NEW.id);
    ELSE
        appointments := ARRAY[NEW.appointment_id];
    END IF;
    UPDATE messaging_attempt a
    SET state = 'failed', failure = 'never_called', detail = 'changed before its call',
        ended_at = clock_timestamp() + coalesce((SELECT shift FROM clinics_clock), interval '0')
    FROM (
        SELECT t.id FROM reminders_reminder r
        JOIN messaging_attempt t ON t.clinic_id = r.clinic_id AND t.message_id = r.message_id
        WHERE r.clinic_id = NEW.clinic_id AND r.appointment_id = ANY (appointments) AND r.state = 'sending'
        AND t.state = 'sending' AND t.called_at IS NULL
        FOR UPDATE OF t SKIP LOCKED
    ) uncalled
    WHERE a.id = uncalled.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER stop_uncalled AFTER UPDATE ON appointments_appointment FOR EACH ROW
    WHEN (OLD.revision <> NEW.revision AND (NEW.status <> 'confirmed' OR OLD.status = 'confirmed'
          OR (OLD.start, OLD."end", OLD.patient_id, OLD.deleted)
             IS DISTINCT FROM (NEW.start, NEW."end", NEW.patient_id, NEW.deleted)))
    EXECUTE FUNCTION reminders_stop_uncalled();
CREATE TRIGGER stop_uncalled AFTER UPDATE ON patients_patient FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION reminders_stop_uncalled();
CREATE TRIGGER stop_uncalled AFTER INSERT OR UPDATE ON appointments_channelflag FOR EACH ROW
    EXECUTE FUNCTION reminders_stop_uncalled();
CREATE TRIGGER stop_uncalled AFTER INSERT OR UPDATE ON appointments_remindedelsewhere FOR EACH ROW
    EXECUTE FUNCTION reminders_stop_uncalled();
"""
UNDO = """
DROP TRIGGER stop_uncalled ON appointments_appointment;
DROP TRIGGER stop_uncalled ON patients_patient;
DROP TRIGGER stop_uncalled ON appointments_channelflag;
DROP TRIGGER stop_uncalled ON appointments_remindedelsewhere;
DROP FUNCTION reminders_stop_uncalled();
"""


class Migration(migrations.Migration):
    dependencies = [("reminders", "0012_sender_states"), ("appointments", "0001_initial"), ("patients", "0001_initial")]
    operations = [migrations.RunSQL(STOP, UNDO)]
