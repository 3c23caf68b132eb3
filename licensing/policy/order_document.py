"""The letter by which a version of a control order is served: a signed PDF with the order's content embedded.

It is made when it is first asked for, and not by owed work, whose failures every administrator sees.
"""

from licensing.accounts.queries import authority_block
from licensing.audit.actors import SYSTEM
from licensing.documents.commands import render_signed
from licensing.documents.models import Document
from licensing.policy.models import Service
from licensing.policy.order_versions import lines_of


def letter(service: Service) -> Document:
    """The letter of one service. Calling it again gives the document that is there."""
    version, company = service.publication, service.order.organization
    context = {
        "authority": authority_block(),
        "key": version.key,
        "version": version.version,
        "title": version.content["title"],
        "company": company.name,
        "address": company.address,
        "effective_at": version.effective_at,
        "content_hash": version.content_hash,
        "lines": [{"label": line.label, "value": line.value} for line in lines_of(version)],
    }
    return render_signed(
        kind="control_order", subject_kind="policy.service", subject_id=str(service.pk), template="documents/order.html", context=context,
        attachment={"key": version.key, "version": version.version, "content_sha256": version.content_hash, "content": version.content},
        title=f"Control order {version.key}, version {version.version}", actor=SYSTEM,
    )  # fmt: skip
