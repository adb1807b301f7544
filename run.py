"""Starts Avisa on a machine that has only Python: `python3 run.py`. The commands are listed by `--help`.

This file alone also parses on old Pythons, so that they are told what is missing; the rest is in
config/local/.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("Avisa needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])

from config.local.set_up import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
