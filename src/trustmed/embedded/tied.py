"""Become another program, as another user, that dies when its parent does.

Run as a script: `python tied.py SIGNAL PARENT UID GID FOLDER PROGRAM [ARGUMENT...]`; -1 leaves uid or gid as it is.
A script and not a `preexec_fn`: Python code between fork and exec may deadlock in a process that has threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    signal, parent, uid, gid = (int(argument) for argument in sys.argv[1:5])
    folder, *argv = sys.argv[5:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if signal > 0:
        # After the change of user: the kernel clears this signal whenever credentials change.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
        # The parent may have died before the call above, and then no signal comes.
        if os.getppid() != parent:
            sys.exit("the process that asked for this one is gone")
    os.umask(0o077)
    os.chdir(folder)
    os.execv(argv[0], argv)  # noqa: S606  the whole purpose


if __name__ == "__main__":
    main()
