"""The fixtures of people who open pages."""

from tests.visitors import admin, quick_pages, wednesday

__all__ = ["admin", "quick_pages", "wednesday"]
