"""The manifest of a folder of weights is the same on every machine, and a wrong one is found line by line."""

import hashlib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from licensing.catalog.manifests import faults, manifest_of, model_hash

NOTHING = hashlib.sha256(b"").hexdigest()


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    (folder / "shards").mkdir(parents=True)
    (folder / "config.json").write_bytes(b"{}")
    (folder / "shards" / "model 1.safetensors").write_bytes(b"\x00" * 5)
    (folder / "empty").write_bytes(b"")
    return folder


def test_a_manifest_has_a_sorted_line_a_file(weights: Path) -> None:
    contents = [(b"{}", "config.json"), (b"\x00" * 5, "shards/model 1.safetensors"), (b"", "empty")]
    lines = sorted(f"{hashlib.sha256(data).hexdigest()}  {len(data)}  {name}\n" for data, name in contents)
    manifest = manifest_of(weights)
    assert manifest == "".join(lines)
    assert list(faults(manifest)) == []
    assert model_hash(manifest) == hashlib.sha256(manifest.encode()).hexdigest()


def test_one_bit_and_one_name_change_the_hash(weights: Path) -> None:
    before = model_hash(manifest_of(weights))
    (weights / "shards" / "model 1.safetensors").write_bytes(b"\x00" * 4 + b"\x01")
    changed = model_hash(manifest_of(weights))
    (weights / "empty").rename(weights / "void")
    assert len({before, changed, model_hash(manifest_of(weights))}) == 3


def test_a_name_is_the_same_in_both_unicode_forms(tmp_path: Path) -> None:
    composed, decomposed = tmp_path / "composed", tmp_path / "decomposed"
    for folder, name in ((composed, "mod\u00e8le.bin"), (decomposed, "mode\u0300le.bin")):
        folder.mkdir()
        (folder / name).write_bytes(b"weights")
    assert manifest_of(composed) == manifest_of(decomposed)


def test_what_cannot_be_pinned_down_is_refused(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        manifest_of(weights / "config.json")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ValueError, match="has no files"):
        manifest_of(tmp_path / "nothing")
    (weights / "latest").symlink_to(weights / "config.json")
    with pytest.raises(ValueError, match="is a link"):
        manifest_of(weights)
    (weights / "latest").unlink()
    (weights / "two\nlines").write_bytes(b"")
    with pytest.raises(ValueError, match="another name"):
        manifest_of(weights)


@pytest.mark.parametrize(
    ("manifest", "mend"),
    [
        (f"{NOTHING}  0  a", "End the last line with a newline."),
        (f"{NOTHING}  0  b\n{NOTHING}  0  a\n", "Sort the lines."),
        (f"{NOTHING} 0 a\n", "two spaces"),
        (f"{NOTHING.upper()}  0  a\n", "two spaces"),
        (f"{NOTHING}  00  a\n", "two spaces"),
        (f"{NOTHING}  0  /etc/passwd\n", "relative"),
        (f"{NOTHING}  0  ../a\n", "relative"),
        (f"{NOTHING}  0  ./a\n", "relative"),
        (f"{NOTHING}  0  a\n{NOTHING}  0  a\n", "Name a once."),
        ("\n", "two spaces"),
    ],
)
def test_a_wrong_line_is_named_with_its_mend(manifest: str, mend: str) -> None:
    found = list(faults(manifest))
    assert len(found) == 1
    assert mend in found[0][1]


def test_the_command_prints_the_hash_and_keeps_the_manifest_outside(weights: Path, tmp_path: Path) -> None:
    printed, kept = StringIO(), tmp_path / "manifest.txt"
    call_command("modelhash", weights, manifest=kept, stdout=printed)
    assert (
        printed.getvalue().strip() == model_hash(kept.read_text(encoding="utf-8")) == model_hash(manifest_of(weights))
    )
    with pytest.raises(CommandError, match="outside"):
        call_command("modelhash", weights, manifest=weights / "manifest.txt")
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("modelhash", weights / "missing")
