"""Measurements beside their floors: `make bench`. Needs no network; writes a scratch database and drops it again."""
