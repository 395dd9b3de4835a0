from django.db import migrations, models


def all_were_full(apps, schema_editor):
    """Before there were two depths each document was read to the end at once."""
    Document = apps.get_model("cabinets", "Document")
    Document.objects.exclude(active_generation=None).update(depth="full")
    Document.objects.filter(active_generation=None).update(depth="")


class Migration(migrations.Migration):
    dependencies = [("cabinets", "0004_cabinet_retrieval")]

    operations = [
        migrations.RenameField("document", "quality", "depth"),
        migrations.AlterField(
            "document",
            "depth",
            models.CharField(
                blank=True,
                choices=[("", ""), ("basic", "Basic"), ("full", "Full")],
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField("document", "deepening", models.BooleanField(default=False)),
        migrations.AddField("document", "pages_done", models.PositiveIntegerField(default=0)),
        migrations.AddField("document", "pages_total", models.PositiveIntegerField(default=0)),
        migrations.RunPython(all_were_full, migrations.RunPython.noop),
    ]
