"""What began of late to each patient over each channel: what the runaway guard looks at."""

import django.db.models.deletion
from django.db import migrations, models

import clinics.owned
import clinics.rls


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial"), ("reminders", "0015_orphans")]
    operations = [
        migrations.CreateModel(
            name="RecentSends",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "clinic",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
                (
                    "patient",
                    clinics.owned.SameClinicKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="patients.patient",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "email"), ("sms", "sms"), ("whatsapp", "whatsapp"), ("voice", "voice")],
                        max_length=10,
                    ),
                ),
                ("begun", models.JSONField(default=list)),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.AddConstraint(
            "recentsends", models.UniqueConstraint(fields=("clinic", "id"), name="reminders_recentsends_clinic_id")
        ),
        migrations.AddConstraint("recentsends", clinics.rls.OneClinic(name="reminders_recentsends_one_clinic")),
        migrations.AddConstraint(
            "recentsends", clinics.rls.SameClinic(field="patient", name="recent_sends_same_clinic_patient")
        ),
        migrations.AddConstraint(
            "recentsends",
            models.UniqueConstraint(fields=("clinic", "patient", "channel"), name="one_recent_sends_a_channel"),
        ),
    ]
