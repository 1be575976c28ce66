"""Speech to text: Whisper on short windows, one queue in front of it, filters behind it."""
