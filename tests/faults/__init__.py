"""Fault campaigns: the real product as processes, made to fail, and judged by what the outside world received.

Here: the processes (stack), their load, the judgement (ground), and one file a campaign. Not here: tests of single
functions, and anything that imports the product into the judge. Start with campaign_kill.py.
"""
