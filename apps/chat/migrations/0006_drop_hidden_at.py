from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chat", "0005_grow_branches")]
    operations = [migrations.RemoveField(model_name="message", name="hidden_at")]
