"""What may stand in the trail of a publication, and one sentence for each."""

from enum import StrEnum


class PublicationEvent(StrEnum):
    OPENED = "publishing:draft:opened"
    EDITED = "publishing:draft:edited"
    PROPOSED = "publishing:draft:proposed"
    PUBLISHED = "publishing:version:published"
    WITHDRAWN = "publishing:draft:withdrawn"


WORDING: dict[PublicationEvent, str] = {
    PublicationEvent.OPENED: "Draft of {key}, version {version}: {note}",
    PublicationEvent.EDITED: "Draft edited (content {content_hash})",
    PublicationEvent.PROPOSED: "Proposed for publication",
    PublicationEvent.PUBLISHED: "Published; in force from {effective_at}",
    PublicationEvent.WITHDRAWN: "Draft withdrawn: {reason}",
}
