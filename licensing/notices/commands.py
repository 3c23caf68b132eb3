"""Telling people something: the row and its outbox row now, the mail when a worker comes to it."""

from collections.abc import Mapping
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone

from licensing.notices.models import Notice
from workflows import outbox

SUBJECT_LENGTH = 200
SEND = "send_notice"


class Addressee(Protocol):
    """Who is told: `accounts.Person` is one."""

    pk: Any
    email: str
    name: str


def queue(
    *, to_person_id: str, to_email: str, name: str, subject: str, text: str, html: str = "", about: str = ""
) -> Notice:
    """Write a message, and the outbox row that gets it sent, in the caller's transaction.

    `name` is the message's own ("cases/question_asked"); `about` what it tells of ("cases.case:42"). The subject becomes one line.
    """
    notice = Notice.objects.create(
        to_person_id=str(to_person_id),
        to_email=to_email,
        name=name,
        subject=" ".join(subject.split())[:SUBJECT_LENGTH],
        text=text,
        html=html,
        about=about,
    )
    outbox.put(effect=SEND, key=str(notice.pk))
    return notice


def tell(person: Addressee, name: str, context: Mapping[str, object], *, about: str = "") -> Notice:
    """Queue the message `templates/notices/<name>.{subject.txt,txt,html}` for a person.

    The templates see the context, `person` and `base_url`. Values are escaped in the HTML and stand as they are in subject and text.
    """
    values = {**context, "person": person, "base_url": settings.BASE_URL}
    return queue(
        to_person_id=str(person.pk),
        to_email=person.email,
        name=name,
        subject=_plain(f"notices/{name}.subject.txt", values),
        text=_plain(f"notices/{name}.txt", values).strip() + "\n",
        html=get_template(f"notices/{name}.html").render(values),
        about=about,
    )


def _plain(template: str, values: dict[str, object]) -> str:
    text: str = get_template(template).template.render(Context(values, autoescape=False))  # type: ignore[attr-defined]
    return text


@transaction.atomic
def send(*, notice_id: str) -> Notice:
    """Send one notice as a mail and mark it, once: a row that is marked is left alone.

    The row stays locked while the mail server answers, so two workers never send the same notice. When the process dies after the
    server has taken the mail and before the mark is kept, the mail goes out again with the same Message-ID, by which it can be known.
    """
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice_id)
    if notice.sent_at is None:
        _mail(notice).send()
        notice.sent_at = timezone.now()
        notice.save(update_fields=["sent_at"])
    return notice


def send_effect(key: str, payload: Mapping[str, Any]) -> None:
    """The outbox's handler: the key is the notice."""
    send(notice_id=key)


def _mail(notice: Notice) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=notice.subject,
        body=notice.text,
        to=[notice.to_email],
        headers={"Message-ID": message_id(notice), "Auto-Submitted": "auto-generated"},
    )
    if notice.html:
        mail.attach_alternative(notice.html, "text/html")
    return mail


def message_id(notice: Notice) -> str:
    """The same for every attempt at this notice."""
    host = settings.BASE_URL.split("://", 1)[1].split("/", 1)[0].split(":", 1)[0]
    return f"<notice.{notice.pk}@{host}>"
