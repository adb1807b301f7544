"""appointments: WHAT is reminded of: appointments, blocks, per-channel flags, marks made by hand, the import.

What does not live here: when and whether a reminder goes (reminders), how it travels (messaging).
Open first: models.py, then writing.py (the one writer of appointments) and staff_says.py (of flags and marks).
"""
