"""The fixtures of people who open pages."""

from tests.visitors import admin, desk, quick_pages, wednesday

__all__ = ["admin", "desk", "quick_pages", "wednesday"]
