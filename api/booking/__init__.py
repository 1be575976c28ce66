"""Booking: a new interview together with the job and the candidate it needs, in one transaction."""
