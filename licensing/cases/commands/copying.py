"""A new draft from an application that was filed before: for a renewal, a replacement, or another try."""

from django.db import transaction

from licensing.accounts.models import Person
from licensing.audit.commands import refusals_logged
from licensing.cases.commands.drafting import ANSWERS, add_party, add_site, edit_application, start_application
from licensing.cases.events import ApplicationEvent
from licensing.cases.models import Application, Item

ANEW = frozenset({"name", "resubmission_of", "replaces_license", "prior_authorization"})


@refusals_logged(ApplicationEvent.STARTED)
def copy_application(*, actor: Person, application: Application, name: str, replaces_license: str = "") -> Application:
    """A draft with the answers, parties, sites and items of another; attachments and certification are given anew.

    `replaces_license` is the number of the license to be replaced or renewed (form BIS-748P, blocks 5 and 11).
    """
    with transaction.atomic():
        draft = start_application(actor=actor, organization_id=application.organization_id, name=name)
        answers = {field: getattr(application, field) for field in sorted(ANSWERS - ANEW)}
        edit_application(actor=actor, application_id=draft.pk, **answers, replaces_license=replaces_license)
        for row in application.parties.all():
            add_party(actor=actor, application_id=draft.pk, role=row.role, party_id=row.party_id)
        for site in application.sites.all():
            add_site(actor=actor, application_id=draft.pk, site_id=site.site_id)
        Item.objects.bulk_create(_copied(item, draft) for item in application.items.all())
    return draft


def _copied(item: Item, draft: Application) -> Item:
    item.pk, item.application = None, draft
    item._state.adding = True
    return item
