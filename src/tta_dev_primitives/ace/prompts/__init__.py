"""The static instructions of the three roles, a file each."""

from importlib.resources import files

from ...llm.types import Role


def probing() -> str:
    """Return what the generator is told in addition where it may probe: in every request of such a run."""
    return (files(__name__) / "probing.md").read_text(encoding="utf-8")


def instructions(role: Role) -> str:
    """Return the instructions of `role`: the same bytes for every request, so providers can cache them."""
    return (files(__name__) / f"{role}.md").read_text(encoding="utf-8")
