"""What people decided after an interview: only people, only added to, each naming the evaluation it saw."""
