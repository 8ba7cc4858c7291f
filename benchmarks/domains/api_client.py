"""Orders of parcels from services whose manners nobody wrote down; tasks and model are those of `apis/`."""

from __future__ import annotations

from apis.mind import simulated_model
from apis.orders import orders

from tta_dev_primitives.learners.api_client import ApiClientLearner

from .world import World

WORLD = World(name="API clients", model=simulated_model, tasks=orders, learner=ApiClientLearner, seeds=1)
