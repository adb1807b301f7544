"""reminders: WHEN, WHETHER and WITH WHICH WORDS: rules, plan, decision, wording, the drain and the settling.

What does not live here: the network call and its outcome (messaging).
Open first: tasks.py, then drain.py: the way of one reminder, top to bottom.
"""
