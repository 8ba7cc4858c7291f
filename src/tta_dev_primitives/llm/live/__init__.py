"""Live models, through pydantic-ai: the only package that imports it, itself imported lazily."""

from .build import connect_live, is_pydantic_ai_model
from .client import PydanticAIModel

__all__ = ["PydanticAIModel", "connect_live", "is_pydantic_ai_model"]
