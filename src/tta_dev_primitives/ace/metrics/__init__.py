"""The success metrics, computed from what is stored, each with an interval or with what it lacks."""

from .catalogue import CATALOGUE as CATALOGUE
from .catalogue import Definition as Definition
from .catalogue import definition as definition
from .catalogue import measure as measure
from .curve import Axis as Axis
from .curve import CurvePoint as CurvePoint
from .curve import learning_curve as learning_curve
from .metric import Group as Group
from .metric import Metric as Metric
from .metric import Reading as Reading
from .metric import Unit as Unit
from .stored import Stored as Stored
