"""Is a PDF a license of ours, which one, is it the one that was meant, and does it hold now. Keeps nothing."""

import io
import json
from dataclasses import dataclass
from datetime import datetime

from licensing.documents.differences import attachments
from licensing.documents.verify import Verification, verify
from licensing.licenses.models import License
from licensing.licenses.queries import PublicStatus, public_status
from licensing.licenses.rules import normalized_number


@dataclass(frozen=True)
class Proof:
    """What a file proves: `checked` is the file itself, `status` that of its license; `other` names a license that was not meant."""

    checked: Verification
    status: PublicStatus | None
    other: str = ""
    agrees: bool = True

    @property
    def holds(self) -> bool:
        """Whether one may rely on it now: genuine, the one that was meant, and in force."""
        in_force = self.status is not None and self.status.status.in_force
        return self.checked.genuine and self.agrees and not self.other and in_force

    @property
    def sentences(self) -> list[str]:
        told = list(self.checked.sentences)
        if self.other:
            told.append(f"It is the file of license {self.other}, and not of the one that you asked about.")
        if self.checked.genuine:
            told.append(
                "The data inside the file agree with the register."
                if self.agrees
                else "The data inside the file do not agree with the register."
            )
        return told


def prove(pdf: bytes, at: datetime, *, number: str = "") -> Proof:
    """Check a file of any content; with `number`, as the license of that number (as somebody types it)."""
    checked = verify(pdf)
    license_ = (
        License.objects.filter(document=checked.issued).first()
        if checked.issued is not None and checked.issued.kind == "license"
        else None
    )
    if license_ is None:
        return Proof(checked, None)
    meant = normalized_number(number) or number
    return Proof(
        checked,
        public_status(license_.number, at),
        other=license_.number if meant and meant != license_.number else "",
        agrees=not checked.genuine or _embedded(pdf) == license_.data,
    )


def _embedded(pdf: bytes) -> object:
    """The data of the license inside a genuine file."""
    return json.loads(attachments(io.BytesIO(pdf))["license.json"])["license"]
