"""Two officers give rights: who proposes a change or that a revocation is set aside is another than who grants it.

What one officer has granted before stays as it is: the constraints are not asked of rows that are there.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


def person() -> Any:
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


class Migration(migrations.Migration):
    dependencies = [
        ("licenses", "0014_revocation_in_part"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("changerequest", "proposed_at", models.DateTimeField(null=True)),
        migrations.AddField("changerequest", "proposed_by", person()),
        migrations.AddField("ending", "relief_proposed_at", models.DateTimeField(null=True)),
        migrations.AddField("ending", "relief_proposed_by", person()),
        migrations.AddField(
            "ending",
            "set_aside_appeal",
            models.CharField(blank=True, default="", max_length=100),
            preserve_default=False,
        ),
        AddConstraintNotValid(
            "changerequest",
            models.CheckConstraint(
                condition=~Q(granted=True) | (Q(proposed_by__isnull=False) & ~Q(proposed_by=F("decided_by"))),
                name="change_request_granted_by_two",
            ),
        ),
        AddConstraintNotValid(
            "ending",
            models.CheckConstraint(
                condition=Q(set_aside_at__isnull=True)
                | ~Q(set_aside_appeal="")
                | (Q(relief_proposed_by__isnull=False) & ~Q(relief_proposed_by=F("set_aside_by"))),
                name="ending_set_aside_by_two",
            ),
        ),
    ]
