"""The demonstration: an invented library that no model can know, and tasks that need it."""

from .tasks import DOCUMENTATION, LEARNING_TASKS, LIBRARY_FILES, RECHECK_FILES, TEST_TASKS, DemoTask, as_input

__all__ = [
    "DOCUMENTATION",
    "LEARNING_TASKS",
    "LIBRARY_FILES",
    "RECHECK_FILES",
    "TEST_TASKS",
    "DemoTask",
    "as_input",
]
