"""nomenklatura for the screening bench, in an environment of its own: `.venv-peers/bin/python bench/screening/peers.py ALGORITHM`.

Standard input has a JSON line for each party: name, kind, and the listed entities that came into question (kind, names). The answer to each
is a line: the best score of each of these, and the CPU seconds that it took.
"""

import importlib
import json
import sys
import time
from typing import Any

SCHEMAS = {"person": "Person", "company": "Organization", "vessel": "Vessel", "aircraft": "Airplane", "": "LegalEntity"}


def main(algorithm: str) -> None:
    proxy = importlib.import_module("followthemoney").EntityProxy  # there in that environment alone
    get_algorithm = importlib.import_module("nomenklatura.matching").get_algorithm

    def entity(ref: str, kind: str, names: list[str]) -> Any:
        return proxy.from_dict({"id": ref, "schema": SCHEMAS.get(kind, "LegalEntity"), "properties": {"name": names}})

    matcher = get_algorithm(algorithm)
    config = matcher.default_config()
    warm = entity("a", "person", ["Ada Lovelace"]), entity("b", "person", ["Ada King"])
    matcher.compare(*warm, config)
    for number, line in enumerate(sys.stdin):
        asked = json.loads(line)
        query = entity(f"query-{number}", asked["kind"], [asked["name"]])  # its caches go by the id
        candidates = [entity(ref, kind, names) for ref, kind, names in asked["candidates"]]
        began = time.process_time()
        scores = {held.id: matcher.compare(query, held, config).score for held in candidates}
        sys.stdout.write(json.dumps({"scores": scores, "seconds": time.process_time() - began}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
