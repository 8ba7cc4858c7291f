"""Run the candidate as `__main__` with a file as its standard input; its lines keep their numbers."""

import os
import sys

os.dup2(os.open("playbox_stdin.txt", os.O_RDONLY), 0)
sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # the candidate's, to the end
with open("playbox_program.py", encoding="utf-8", newline="") as _file:  # noqa: PTH123  # pathlib takes longer to import than this runs
    _source = _file.read()
os.unlink("playbox_program.py")  # noqa: PTH108  # as above
os.unlink("playbox_stdin.txt")  # noqa: PTH108  # as above
# In the module's own names, where pickle and dataclasses look for what the candidate defines.
exec(compile(_source, __file__, "exec", dont_inherit=True))  # noqa: S102  # the purpose
