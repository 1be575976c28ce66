"""No process outlives the one that started it: the kernel ends the child when its parent dies, however it dies.

`python leash.py PARENT_PID PROGRAM ARG…` puts itself on the leash and becomes PROGRAM. The setting survives `execve`
(prctl(2), PR_SET_PDEATHSIG), so a program needs no knowledge of it and no code runs between a fork and an exec of a
process that has threads. Only the standard library is imported here: the detour costs some 15 ms.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_GONE = 128 + signal.SIGKILL


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent (pid `parent`) ends; exit now if that has happened already.

    The kernel watches the parent's *thread* that made this process: make children from a thread that lasts.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the call above
        os._exit(_GONE)


def follow_parent() -> None:
    """Have the kernel kill this process when whoever started it ends."""
    die_with_parent(os.getppid())


def name_process(name: str) -> None:
    """Set the name that `ps -o comm` and `top` show (the kernel keeps 15 bytes)."""
    _prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()[:15]))


def leashed(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command that runs `argv` as a child of this process and no longer than it."""
    return (sys.executable, "-I", "-S", __file__, str(os.getpid()), *argv)


def _prctl(option: int, value: int | ctypes.c_char_p) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "prctl")


def main() -> None:
    """Put this process on the leash and become the program that is named."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    die_with_parent(parent)
    try:
        os.execvp(program[0], program)
    except OSError as error:
        sys.exit(f"{program[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
