"""Cursors: stable while rows are added, and as quick on the last page as on the first."""

from rest_framework.pagination import CursorPagination


class ByEdit(CursorPagination):
    page_size = 50
    ordering = ("-edited_at", "-pk")


class ByRegistration(CursorPagination):
    page_size = 50
    ordering = ("-registered_at", "-pk")


class ByIssue(CursorPagination):
    page_size = 50
    ordering = ("-issued_at", "-pk")


class ById(CursorPagination):
    page_size = 100
    ordering = "pk"


class ByRecording(CursorPagination):
    page_size = 100
    ordering = "-pk"
