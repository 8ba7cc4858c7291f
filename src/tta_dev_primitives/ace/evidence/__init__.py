"""Evidence: which bullets really help, from runs in which chance decided whether they were there."""

from .belief import NO_BELIEFS as NO_BELIEFS
from .belief import Belief as Belief
from .belief import Beliefs as Beliefs
