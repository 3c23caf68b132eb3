"""A child that does not outlive its parent, even when the parent is killed outright."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def ends_with_parent(word: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends `word` to the child when its parent is gone.

    Only Linux offers it. Elsewhere a child may be left by `kill -9`; the next start finds it (`leftovers`).
    """
    parent = os.getpid()

    def before_exec() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(word))
            if os.getppid() != parent:  # it went while we were being born
                os._exit(1)

    return before_exec
