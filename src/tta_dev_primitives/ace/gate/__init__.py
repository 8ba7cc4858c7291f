"""The gate: what is learned is measured on held-out tasks, and what makes it worse is rolled back."""

from .gate import Decided as Decided
from .gate import Gate as Gate
from .gate import at_the_gate as at_the_gate
from .gate import champion_of as champion_of
from .gate import gate_playbook as gate_playbook
from .options import GateOptions as GateOptions
from .plays import Play as Play
from .plays import Shown as Shown
from .plays import shown_by as shown_by
from .report import Culprit as Culprit
from .report import FamilyScore as FamilyScore
from .report import GateDecided as GateDecided
from .report import GateReport as GateReport
from .report import Match as Match
from .report import Pair as Pair
from .report import Skipped as Skipped
from .rollback import rollback as rollback
