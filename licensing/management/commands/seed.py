"""`manage.py seed`: the authority, its agencies, people, lists, policy, texts and workflow of a first installation."""

from typing import Any

from django.core.management.base import BaseCommand

from licensing import seeding


class Command(BaseCommand):
    help = (
        "Load what an installation starts with; a second time changes nothing. Prints the people and their passwords."
    )

    def handle(self, **options: Any) -> None:
        passwords = seeding.load()
        for member in seeding.PEOPLE:
            roles = ", ".join(
                f"{role} {organization}{'.' + unit if unit else ''}" for organization, role, unit in member.roles
            )
            self.stdout.write(f"  {member.email:34} {passwords[member.email]:14} {roles}")
