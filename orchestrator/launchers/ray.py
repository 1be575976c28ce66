"""Bots on the machines of a Ray cluster: a client of `orchestrator/cluster.py`, which is what speaks to Ray."""

from orchestrator.launchers.process import ProcessLauncher


class RayLauncher(ProcessLauncher):
    """Starts bots through the cluster that the host of `data_dir` is part of."""

    shared = True
