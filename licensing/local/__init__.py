"""The servers and processes of one machine: embedded PostgreSQL and Redis, the site beside worker and beat.

Production uses none of it: there DATABASE_URL and REDIS_URL are given, and an operator's own supervisor runs
the processes of `Procfile`.
"""
