"""Every change of a planned reminder writes each of its indexes: those that another one's first columns serve, or that
hold nothing but empty values of most rows, go or become partial."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('appointments', '0006_new_is_behind'),
        ('clinics', '0007_people_and_places'),
        ('messaging', '0006_orphan'),
        ('reminders', '0016_recent_sends'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='reminder',
            name='reminder_of_message',
        ),
        migrations.RemoveIndex(
            model_name='reminder',
            name='reminder_of_appointment',
        ),
        migrations.AlterField(
            model_name='reminder',
            name='by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('message__isnull', False)), fields=['clinic', 'message'], name='reminder_of_message'),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('by__isnull', False)), fields=['by'], name='reminder_by'),
        ),
    ]
