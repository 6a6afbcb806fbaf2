"""Becomes another program: gives up root, asks the kernel to be ended with its parent, then executes.

Not imported by anybody: run as `python -I -S launch.py PARENT SIGNAL USER PROGRAM ARGS...`, so that no Python code
runs between fork and exec of a process that may have threads (what `preexec_fn` would do).
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def give_up_root(name: str) -> None:
    """PostgreSQL refuses to run as root and needs a user with a passwd entry."""
    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def end_with(parent: int, signal: int) -> None:
    """Linux only. The flag is lost when the user id changes, so it is set after that."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


def main(parent: str, signal: str, user: str, *program: str) -> None:
    if user:
        give_up_root(user)
    if sys.platform == "linux":
        end_with(int(parent), int(signal))
    os.umask(0o077)
    os.execve(program[0], program, os.environ)


if __name__ == "__main__":
    main(*sys.argv[1:])
