"""Language models: live, recorded, replayed or scripted, behind one protocol. Loads no provider's SDK."""

from .cassette import Recording, Replay
from .check import ModelCheck, ProviderStatus, check_model, describe_providers
from .models import AnyModel, ModelString, RoleModels, connect, connect_roles, parse_model
from .price import Price
from .types import LanguageModel, ModelAnswered, ModelFailed, Origin, Reply, Request, Role, Source, Usage

__all__ = [
    "AnyModel",
    "LanguageModel",
    "ModelAnswered",
    "ModelCheck",
    "ModelFailed",
    "ModelString",
    "Origin",
    "Price",
    "ProviderStatus",
    "Recording",
    "Replay",
    "Reply",
    "Request",
    "Role",
    "RoleModels",
    "Source",
    "Usage",
    "check_model",
    "connect",
    "connect_roles",
    "describe_providers",
    "parse_model",
]
