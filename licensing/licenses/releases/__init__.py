"""The check at the moment of release: its facts, its answer, and the bundles that answer without a connection."""
