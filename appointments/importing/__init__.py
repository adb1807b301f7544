"""appointments.importing: a clinic's own agenda file becomes patients and appointments.

What does not live here: how rows are written (patients.writing, appointments.writing).
Open first: importer.py; then reading.py (bytes to cells), columns.py (what a cell means), rows.py (is a row sound?).
"""
