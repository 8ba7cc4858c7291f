"""Where a playbook is kept."""

from .protocol import Commit as Commit
from .protocol import Committed as Committed
from .protocol import PlaybookStore as PlaybookStore
from .protocol import StoredRecord as StoredRecord
