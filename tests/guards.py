"""How long a test waits for what must happen before it says that it hangs: no measure, so far from any."""

HANG_S = 30.0
