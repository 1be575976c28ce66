"""What a tenant used: counted from what is stored whenever it is asked for; there are no counters to keep in step."""
