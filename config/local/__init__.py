"""The machine room of `python3 run.py`: environment, embedded servers, supervisor. Not for production.

Here: how the product is set up and started on one machine. Not here: anything of the product (nothing in
this package imports an app, nor is it imported by one). What runs before `.venv` exists is standard
library only. Open first: `__main__.py` (the commands), then `stack.py` (what a start does, in order).
"""
