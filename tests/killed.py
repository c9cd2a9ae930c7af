"""A process that is killed with SIGKILL at a line of the code that is walked through."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Collection
from typing import Any

from django.db import connections


def killed_at_line(number: int, work: Callable[[], object], files: Collection[str | None]) -> bool:
    """Do the work in a child that dies at the given line of those files. Returns False when it got through before reaching it.

    A child that fails for another reason fails the test.
    """
    connection = connections["default"]
    # A child forked while a connection is open would share its socket.
    connections.close_all()
    child = os.fork()
    if child == 0:
        # Where a browser's event loop runs in the parent, the child would look for its connections elsewhere and make one anew.
        connections["default"] = connection
        seen = 0

        def trace(frame: Any, event: str, _argument: Any) -> Any:
            nonlocal seen
            if frame.f_code.co_filename not in files:
                return None
            if event == "line":
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the child failed before it was killed"
    return os.WIFSIGNALED(status)
