"""Where a playbook is kept."""

from .open import open_store as open_store
from .protocol import Commit as Commit
from .protocol import Committed as Committed
from .protocol import Found as Found
from .protocol import PlaybookStore as PlaybookStore
from .protocol import StoredRecord as StoredRecord
from .sqlite import SqliteStore as SqliteStore
