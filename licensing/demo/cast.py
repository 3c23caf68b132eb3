"""The transaction of the story. Everybody and everything in it is invented."""

MODEL = "Meridian Large"
MANIFEST_HASH = "9b1f0c2d4e5a68798a9babcdef0123456789abcdef0123456789abcdef012345"
VERSION = {
    "name": "3.1",
    "weights": "closed",
    "operations": "2.1e26",
    "stage": "pretraining",
    "method": "architecture",
    "evidence": "6 N D: 96 billion active parameters, 3.65e14 tokens",
    "total_parameters": "1200000000000",
    "active_parameters": "96000000000",
    "modalities": ["text", "image"],
    "model_hash": MANIFEST_HASH,
    "security_level": "3",
}
HOSPITAL = {
    "kind": "company",
    "name": "Fjordhelse Sykehus HF",
    "country": "NO",
    "address": "Havnegata 14",
    "postal_code": "0150",
    "city": "Oslo",
    "registration_number": "999 000 111",
    "headquarters": "NO",
    "owned": "no",
}
HOST = {
    "kind": "company",
    "name": "Nordlys Compute AS",
    "country": "NO",
    "address": "Industriveien 3",
    "postal_code": "1481",
    "city": "Hagan",
    "registration_number": "999 000 222",
    "headquarters": "NO",
    "owned": "no",
}
SITE = {
    "name": "Oslo North 2",
    "country": "NO",
    "address": "Industriveien 3, 1481 Hagan",
    "operator": "Nordlys Compute AS",
    "headquarters_country": "NO",
    "owned": "yes",
    "ultimate_parent_country": "NO",
    "key_custody": "exporter",
    "security_level": "3",
}
TRANSACTION = {
    "transaction_kind": "export",
    "delivery_modes": ["weights_transfer", "hosting_abroad"],
    "destination": "NO",
    "requested_months": "24",
}
END_USE = {
    "end_use_statement": "Summaries of patient records and letters to patients, written for and checked by the hospital's own "
    "physicians at three sites in Oslo. The model takes no decision about a patient.",
    "sector": "health_care",
    "decides_about_people": "True",
    "human_oversight": "A physician reads, corrects and signs every summary and every letter.",
    "military_end_use": "False",
    "wmd_end_use": "False",
    "human_rights_concern": "False",
    "nuclear_relevant": "False",
}
CONTACT = {"contact_name": "Noa Feld", "contact_email": "noa.feld@entente.example", "contact_phone": "+1 415 555 0100"}
QUESTION = "Who at the site can reach the weights, and how is each access logged?"
ANSWER = (
    "Two engineers of the host, vetted and named in the attached register, and nobody at the hospital. Every access opens a ticket, is "
    "recorded by a hardware log that the host cannot alter, and is read by us within a day."
)

# The scripted applicant of the API: translation software for an Irish publisher.
API_COUNTRY = "IE"
API_APPLICATION = {
    "name": "Translation desk, Dublin",
    "transaction_kind": "export",
    "delivery_modes": ["api_access"],
    "destination": API_COUNTRY,
    "end_use_statement": "Draft translations of trade books for the publisher's own editors, who revise every page before print.",
    "sector": "software",
    "decides_about_people": False,
    "military_end_use": False,
    "wmd_end_use": False,
    "human_rights_concern": False,
    "nuclear_relevant": False,
    "contact_name": "Tomas Reyes",
    "contact_email": "tomas.reyes@entente.example",
}
API_PARTY = {
    "kind": "company",
    "name": "Liffey & Daughters Books Ltd",
    "country": "IE",
    "headquarters": "IE",
    "independent": True,
    "address": "7 Quay Lane",
    "city": "Dublin",
}
API_VERSION = {
    "name": "2.0",
    "weights": "closed",
    "modalities": ["text"],
    "model_hash": "1c" * 32,
    "training": [{"stage": "pretraining", "operations": "1.4e26", "method": "hardware", "evidence": "cluster logs"}],
}
