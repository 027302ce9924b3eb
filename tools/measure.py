"""Runs a command and prints its exit code, its seconds, its processor seconds and its peak memory in KiB: `measure.py OUTPUT COMMAND...`.

The figures come from wait4, so that the peak is the kernel's own, not a sample. Output goes to the file OUTPUT.
"""

import os
import sys
import time

with open(sys.argv[1], "wb") as output:
    actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
    started = time.perf_counter()
    child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=actions)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
print(os.waitstatus_to_exitcode(status), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
