"""Estimates with intervals that hold for few observations."""

from .bootstrap import Statistic as Statistic
from .bootstrap import bootstrap as bootstrap
from .bootstrap import bootstrap_change as bootstrap_change
from .bootstrap import mean as mean
from .estimate import Estimate as Estimate
from .independent import difference as difference
from .paired import Pairs as Pairs
from .paired import mcnemar_exact as mcnemar_exact
from .paired import tango as tango
from .survival import Median as Median
from .survival import Step as Step
from .survival import Survival as Survival
from .survival import kaplan_meier as kaplan_meier
from .wilson import wilson as wilson
