"""Interviews: created, started, watched, ended. A slice: endpoints, service, repository, schemas, states, tables."""
