"""Publishing: a posting with the agent, template, job and questions it needs, and the candidates who enter it."""
