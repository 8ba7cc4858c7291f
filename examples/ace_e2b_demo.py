"""The whole demonstration of learning from execution, the same as `playbox demo`.

    python examples/ace_e2b_demo.py [--model MODEL] [--keep DIR] [--verbose] [--json]

Without --model, recorded answers of a large language model are replayed, and the screen says so; every
program really runs, in the sandbox, now.
"""

from __future__ import annotations

import sys

from tta_dev_primitives.cli import main

if __name__ == "__main__":
    sys.exit(main(["demo", *sys.argv[1:]]))
