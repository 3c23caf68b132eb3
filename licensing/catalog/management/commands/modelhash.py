"""`manage.py modelhash FOLDER`: the model hash of a folder of weights, and the manifest that it is taken over."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from licensing.catalog.manifests import manifest_of, model_hash


class Command(BaseCommand):
    help = "Write the manifest of a folder of weights, and print its SHA-256, the model hash."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--manifest", type=Path, help="write the manifest to this file, outside the folder")

    def handle(self, *args: Any, folder: Path, manifest: Path | None = None, **options: Any) -> None:
        if manifest is not None and manifest.resolve().is_relative_to(folder.resolve()):
            raise CommandError(f"{manifest} lies in the folder that is hashed: choose a place outside {folder}.")
        try:
            text = manifest_of(folder)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        if manifest is not None:
            manifest.write_text(text, encoding="utf-8")
        self.stdout.write(model_hash(text))
