"""API clients: a client is right if the service that ran beside it saw what it should."""

from .learner import ApiClientLearner
from .scenario import Conduct, Scenario
from .task import ApiClientTask

__all__ = ["ApiClientLearner", "ApiClientTask", "Conduct", "Scenario"]
