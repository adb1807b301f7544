#!/usr/bin/env python
"""Django's command line for Avisa. `python3 run.py manage …` calls it with the embedded servers up."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
