"""A child process of the demo that cannot outlive it.

``python -m moothall.project.demo.child DESCRIPTOR MODULE ARGUMENT…`` runs the module as if by ``python -m``. DESCRIPTOR is the
reading end of a pipe whose other end the demo alone holds: when the demo is gone, however it ended, the pipe closes and
the child ends with every process it started. (It runs in a process group of its own.)
"""

from __future__ import annotations

import os
import runpy
import shutil
import signal
import sys
import threading
import time
from pathlib import Path


def main() -> None:
    descriptor, module = int(sys.argv[1]), sys.argv[2]
    threading.Thread(target=_end_with_parent, args=(descriptor,), daemon=True).start()
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with_parent(descriptor: int) -> None:
    os.read(descriptor, 1)
    folder = os.environ.get("MOOTHALL_DEMO_FOLDER", "")
    if folder:
        time.sleep(0.5)  # The other children are ending too; what they still write must not stay.
        shutil.rmtree(Path(folder), ignore_errors=True)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
