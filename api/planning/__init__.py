"""Plans looked over before they are held: what a good interviewer, or a lawyer, would change. Warnings only; nothing is
refused or saved.

`lint.py` puts the rules together: `wording.py` (one text), `likeness.py` (two texts), `structure.py` (the plan).
Off-limits ground is looked for in every language that has its words (`prompts/off_limits`), duplicates, lengths and
structure in all; leading, double and closed questions and scales that judge the person in English alone.
"""
