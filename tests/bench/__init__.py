"""Benchmarks: how fast is the product against a measure of the same run?

Here: the comparison in turns (turns), the line it prints (figure), and one file a benchmark. Not here: faults
(tests/faults), and times that a machine's pace decides. Open first: bench_decide.py.
"""
