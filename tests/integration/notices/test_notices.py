"""Messages: a row first, a mail when a worker comes to it, once; and nobody writes headers."""

import pytest
from django.core import mail

from licensing.notices.commands import message_id, queue, send
from licensing.notices.models import Notice
from tests.examples.story import work_off
from workflows.models import OutboxRow, OutboxState

pytestmark = pytest.mark.django_db
WORDS = {"to_person_id": "1", "to_email": "noa@entente.example", "name": "cases/closed", "text": "It is closed."}


def test_a_message_is_a_row_until_a_worker_sends_it_once() -> None:
    notice = queue(**WORDS, subject="Case A000001 is closed", html="<p>It is closed.</p>")
    assert mail.outbox == []
    work_off()
    send(notice_id=str(notice.pk))
    assert [sent.subject for sent in mail.outbox] == ["Case A000001 is closed"]
    sent = mail.outbox[0]
    assert (sent.to, sent.body, sent.alternatives[0][0]) == (
        ["noa@entente.example"],
        "It is closed.",
        "<p>It is closed.</p>",
    )
    assert sent.extra_headers["Message-ID"] == message_id(notice)
    notice.refresh_from_db()
    assert notice.sent_at is not None


def test_a_subject_is_one_line_whatever_somebody_is_called() -> None:
    queue(**WORDS, subject="Closed\r\nBcc: everybody@entente.example\n\nby " + "x" * 500)
    work_off()
    message = mail.outbox[0].message()
    assert message["Bcc"] is None
    assert "\n" not in mail.outbox[0].subject
    assert len(mail.outbox[0].subject) == 200


def test_a_mail_server_that_is_away_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    notice = queue(**WORDS, subject="Later")

    def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("no mail server")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMultiAlternatives.send", away)
        work_off()
    row = OutboxRow.objects.get(key=str(notice.pk))
    assert (row.state, row.attempts, "no mail server" in row.error) == (OutboxState.DUE, 1, True)
    assert Notice.objects.get(pk=notice.pk).sent_at is None
