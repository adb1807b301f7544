"""The names of the row versions of what belongs to a clinic itself (reminders.house), planned once a session: to plan
this afresh took the database three times as long as to answer, at each turn of each clinic.

Not a definer: what it sees is the caller's clinic. STABLE: it sees what the asking statement sees.
"""

from django.db import migrations

IN_FORCE = (
    "EXISTS (SELECT 1 FROM reminders_template o "
    "WHERE o.clinic_id = t.clinic_id AND o.id = t.template_id AND o.version = t.version)"
)
ROWS = (
    ("reminders_rule", "true"),
    ("reminders_template", "true"),
    ("reminders_templateversion", IN_FORCE),
    ("messaging_sender", "t.active"),
    ("reminders_packageswitch", "NOT t.on"),
    ("clinics_closedday", "true"),
    ("clinics_practitioner", "true"),
    ("clinics_location", "true"),
    ("appointments_appointmenttype", "true"),
)
NAMES = ", ".join(
    f"(SELECT string_agg(t.ctid::text || t.xmin::text, ' ') FROM {table} t WHERE {where})" for table, where in ROWS
)
FUNCTION = f"""
CREATE FUNCTION reminders_house_versions() RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY[{NAMES}];
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reminders", "0019_lean_marks")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION reminders_house_versions;")]
