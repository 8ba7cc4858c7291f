"""What the tests ask."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from tta_dev_primitives.llm import Request, Role


class Code(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    cited: tuple[str, ...] = ()


def question(
    prompt: str = "Write hello.\nIn Python.",
    *,
    role: Role = Role.GENERATOR,
    task_id: str = "t1",
    attempt: int = 1,
    instructions: str = "You write code.",
) -> Request[Code]:
    return Request(
        role=role,
        task_id=task_id,
        attempt=attempt,
        instructions=instructions,
        prompt=prompt,
        output=Code,
    )
