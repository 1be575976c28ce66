"""What the people who hold an interview rate, before they see what the AI rated, and both side by side afterwards.

Where people lead (`shadow`, `copilot`) the AI's levels are sealed (`seal.py`): an interviewer sees them once their own
scorecard is in, everybody else once any is, or once somebody has opened them with a reason. What was asked and said is
never sealed. A scorecard that was submitted stays; an amendment is another version of it.
"""
