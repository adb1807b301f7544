"""Who is served next? A row for each clinic: what is in its workers' hands, and when it was served last. The database
itself counts, and the claim goes by it. See 0002_cross_clinic.

The count follows every way in which a reminder changes, and moves when that is committed: whoever holds a clinic's row
waits for nothing more, so nobody can wait in a circle. The claim waits for nobody: a clinic whose row, and a reminder
that somebody holds just then is passed over.
"""

import importlib

import django.db.models.deletion
from django.db import migrations, models

import clinics.rls

DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, public"

#: States are spelled as in reminders.kinds.
IN_HAND = "({row}.state IN ('claimed', 'sending') AND NOT {row}.awaits_evidence)"
NEW, OLD = IN_HAND.format(row="NEW"), IN_HAND.format(row="OLD")
#: trigger → when it fires, and by how much the count moves.
COUNTED = {
    "in_flight_made": ("INSERT", NEW, 1),
    "in_flight_taken": ("UPDATE OF state, awaits_evidence", f"{NEW} AND NOT {OLD}", 1),
    "in_flight_left": ("UPDATE OF state, awaits_evidence", f"{OLD} AND NOT {NEW}", -1),
    "in_flight_gone": ("DELETE", OLD, -1),
}
COUNT = f"""
CREATE FUNCTION reminders_count_in_flight() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
    UPDATE reminders_clinicload SET in_flight = in_flight + TG_ARGV[0]::int
    WHERE clinic_id = coalesce(NEW.clinic_id, OLD.clinic_id);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION reminders_count_in_flight FROM PUBLIC;
""" + "".join(
    f"CREATE CONSTRAINT TRIGGER {name} AFTER {event} ON reminders_reminder DEFERRABLE INITIALLY DEFERRED "
    f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION reminders_count_in_flight('{by}');"
    for name, (event, when, by) in COUNTED.items()
)
DO_NOT_COUNT = (
    "".join(f"DROP TRIGGER {name} ON reminders_reminder;" for name in COUNTED)
    + "DROP FUNCTION reminders_count_in_flight;"
)

# Every claim writes these rows: room beside them keeps such a write within its page.
A_ROW_EACH = f"""
ALTER TABLE reminders_clinicload SET (fillfactor = 30);
CREATE FUNCTION reminders_add_load() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
    INSERT INTO reminders_clinicload (clinic_id, in_flight, last_served) VALUES (NEW.id, 0, clock_timestamp());
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION reminders_add_load FROM PUBLIC;
CREATE TRIGGER load_of_new_clinic AFTER INSERT ON clinics_clinic
FOR EACH ROW EXECUTE FUNCTION reminders_add_load();
INSERT INTO reminders_clinicload (clinic_id, in_flight, last_served)
SELECT c.id, (SELECT count(*) FROM reminders_reminder r
              WHERE r.clinic_id = c.id AND {IN_HAND.format(row="r")}), clock_timestamp()
FROM clinics_clinic c;
"""
NO_ROWS = "DROP TRIGGER load_of_new_clinic ON clinics_clinic; DROP FUNCTION reminders_add_load;"

# The next reminders to look at: of `p_lanes` clinics those served least recently, `p_each` of each; leases and numbers
# the claim. Passed over are the clinics in `p_busy`, and those with more than `p_most` - `p_each` in workers' hands.
# A clinic outside the worker's share (`p_own` of `p_slots`, by its id; NULL: all are its own) counts as served
# `p_later` later than it was: the own share comes first, and nobody starves for it.
ARGUMENTS = (
    "p_now timestamptz, p_busy bigint[], p_own int[], p_slots int, p_later interval, "
    "p_lanes int, p_each int, p_most int, p_lease interval"
)
CLAIM = f"""
CREATE FUNCTION reminders_claim({ARGUMENTS})
RETURNS TABLE (id bigint, clinic_id bigint, epoch int) LANGUAGE sql {DEFINER} AS $$
    WITH RECURSIVE next(clinic_id, look_at) AS (
        (SELECT r.clinic_id, r.look_at FROM reminders_reminder r
         WHERE r.state IN ('held', 'planned') ORDER BY r.clinic_id, r.look_at LIMIT 1)
        UNION ALL
        SELECT further.clinic_id, further.look_at FROM next CROSS JOIN LATERAL (
            SELECT r.clinic_id, r.look_at FROM reminders_reminder r
            WHERE r.state IN ('held', 'planned') AND r.clinic_id > next.clinic_id
            ORDER BY r.clinic_id, r.look_at LIMIT 1
        ) further
    ), served AS (
        SELECT l.clinic_id FROM reminders_clinicload l JOIN next ON next.clinic_id = l.clinic_id
        WHERE next.look_at <= p_now AND l.clinic_id <> ALL (p_busy) AND l.in_flight <= p_most - p_each
        ORDER BY CASE WHEN p_own IS NULL OR l.clinic_id % p_slots = ANY (p_own)
                      THEN l.last_served ELSE l.last_served + p_later END, l.clinic_id
        LIMIT p_lanes FOR UPDATE OF l SKIP LOCKED
    ), picked AS (
        SELECT due.id FROM served CROSS JOIN LATERAL (
            SELECT r.id FROM reminders_reminder r
            WHERE r.clinic_id = served.clinic_id AND r.state IN ('held', 'planned') AND r.look_at <= p_now
            ORDER BY r.look_at, r.id LIMIT p_each FOR UPDATE SKIP LOCKED
        ) due
    ), taken AS (
        UPDATE reminders_reminder r
        SET state = 'claimed', awaits_evidence = false, epoch = r.epoch + 1, lease_until = clock_timestamp() + p_lease
        FROM picked WHERE r.id = picked.id
        RETURNING r.id, r.clinic_id, r.epoch
    ), noted AS (
        UPDATE reminders_clinicload l SET last_served = clock_timestamp()
        WHERE l.clinic_id IN (SELECT taken.clinic_id FROM taken)
    )
    SELECT taken.id, taken.clinic_id, taken.epoch FROM taken
$$;
REVOKE ALL ON FUNCTION reminders_claim FROM PUBLIC;
"""
FORMER = importlib.import_module("reminders.migrations.0002_cross_clinic").FUNCTIONS
[(FORMER_SIGNATURE, FORMER_BODY)] = [(one, body) for one, body in FORMER.items() if one.startswith("reminders_claim(")]
NO_CLAIM = "DROP FUNCTION reminders_claim;"
CLAIM_IN_TURN = f"CREATE FUNCTION {FORMER_SIGNATURE} {FORMER_BODY}; REVOKE ALL ON FUNCTION reminders_claim FROM PUBLIC;"


class Migration(migrations.Migration):
    dependencies = [("clinics", "0006_pause_area"), ("reminders", "0010_walk_in_parts")]
    operations = [
        migrations.AddField("reminder", "awaits_evidence", models.BooleanField(default=False)),
        migrations.AddField("reminder", "strikes", models.PositiveSmallIntegerField(default=0)),
        migrations.CreateModel(
            "ClinicLoad",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("in_flight", models.PositiveIntegerField(default=0)),
                ("last_served", models.DateTimeField()),
                (
                    "clinic",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("clinic", "id"), name="reminders_clinicload_clinic_id"),
                    clinics.rls.OneClinic(name="reminders_clinicload_one_clinic"),
                    models.UniqueConstraint(fields=("clinic",), name="one_load_a_clinic"),
                ],
            },
        ),
        migrations.RunSQL(A_ROW_EACH, NO_ROWS),
        migrations.RunSQL(COUNT, DO_NOT_COUNT),
        migrations.RunSQL(NO_CLAIM, CLAIM_IN_TURN),
        migrations.RunSQL(CLAIM, NO_CLAIM),
    ]
