"""What may stand in the trail of people and organizations, and one sentence for each."""

from enum import StrEnum


class AccountEvent(StrEnum):
    ORGANIZATION_CREATED = "accounts:organization:created"
    ORGANIZATION_DESCRIBED = "accounts:organization:described"
    AUTHORITY_ESTABLISHED = "accounts:authority:established"
    PERSON_CREATED = "accounts:person:created"
    MEMBERSHIP_GRANTED = "accounts:membership:granted"
    MEMBERSHIP_ENDED = "accounts:membership:ended"
    TOKEN_ISSUED = "accounts:token:issued"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "accounts:token:revoked"  # noqa: S105 - the name of an event


WORDING: dict[AccountEvent, str] = {
    AccountEvent.ORGANIZATION_CREATED: "Organization {name} ({kind}) created",
    AccountEvent.ORGANIZATION_DESCRIBED: "Changed what is said of {name}: {fields}",
    AccountEvent.AUTHORITY_ESTABLISHED: "{name} is the licensing authority for {jurisdiction}",
    AccountEvent.PERSON_CREATED: "Account created for {name}",
    AccountEvent.MEMBERSHIP_GRANTED: "Role {role} granted in {organization}",
    AccountEvent.MEMBERSHIP_ENDED: "Role {role} ended in {organization}",
    AccountEvent.TOKEN_ISSUED: "Token {label} ({prefix}) issued for {organization}",
    AccountEvent.TOKEN_REVOKED: "Token {label} ({prefix}) revoked",
}
