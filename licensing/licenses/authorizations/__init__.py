"""Authorizations that need no case: what is published, its duties, what the authority answered, and how a check counts it."""
