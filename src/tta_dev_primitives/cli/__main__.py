"""`python -m tta_dev_primitives.cli`, for where the script `playbox` is not on the path."""

import sys

from .app import main

sys.exit(main())
