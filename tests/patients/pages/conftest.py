"""The fixtures of people who open pages."""

from tests.visitors import desk, quick_pages, wednesday

__all__ = ["desk", "quick_pages", "wednesday"]
