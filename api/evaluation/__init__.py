"""What can be said about an interview afterwards: first what was asked and said (`facts.py`), with no judgement."""
