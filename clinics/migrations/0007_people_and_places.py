from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinics", "0006_pause_area")]
    operations = [
        migrations.AlterField(
            model_name="settingevent",
            name="area",
            field=models.CharField(
                choices=[
                    ("clinic", "Clinic"),
                    ("email", "E-mail account"),
                    ("sms", "SMS sender"),
                    ("rule", "Rule"),
                    ("package", "Practitioner's messages"),
                    ("holidays", "Closed days"),
                    ("pause", "Pause"),
                    ("wording", "Wording"),
                    ("person", "Practitioner"),
                    ("place", "Location"),
                ],
                max_length=10,
            ),
        ),
    ]
