"""Versions of named pipelines, and how traffic is shared between them.

Owns the numbered history of every name, canary deployments and weighted names. Refuses to compile, to run or to keep
images. Invariant: a name's alias and its active version denote the same image, except while neither has been set.
"""

from constellation.versions.canary import Canary, CanaryStatus
from constellation.versions.config import CanaryConfig, CanaryConfigError
from constellation.versions.deployments import CanaryConflict, Deployments, NoSuchVersion
from constellation.versions.history import PipelineVersion, Versions
from constellation.versions.router import Router

__all__ = [
    "Canary",
    "CanaryConfig",
    "CanaryConfigError",
    "CanaryConflict",
    "CanaryStatus",
    "Deployments",
    "NoSuchVersion",
    "PipelineVersion",
    "Router",
    "Versions",
]
