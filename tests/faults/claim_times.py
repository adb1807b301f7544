"""How long does a claim take, in milliseconds? The product's own, taken back each time, so that nothing is held up.

Runs as a program with the stack's environment: `python -m tests.faults.claim_times TIMES`; one figure a line.
"""

import sys
import time


def main(times: int) -> None:
    """Claims so many times, a tenth of a second apart."""
    from django.db import transaction

    from clinics.clock import now
    from reminders import queue

    for _ in range(times):
        with transaction.atomic():
            moment, began = now(), time.perf_counter()
            queue.claim(moment)
            print(f"{1000 * (time.perf_counter() - began):.2f}")
            transaction.set_rollback(True)
        time.sleep(0.1)


if __name__ == "__main__":
    import django

    django.setup()
    main(int(sys.argv[1]))
