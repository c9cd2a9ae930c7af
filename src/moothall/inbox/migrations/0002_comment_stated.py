from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="stated",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
