"""``modlint``, and ``python -m modlint``.

A ``check`` that was answered before, with nothing changed since, is answered from the cache
before anything else is imported.
"""

import gc
import os
import sys

from modlint.cache import Answer

#: Commands that make many trees.
_LONG = (["check"], ["fix"])


def main() -> None:
    """Run the command line."""
    answer = None
    if "_MODLINT_COMPLETE" not in os.environ and sys.argv[1:2] in _LONG:
        if sys.argv[1] == "check":
            answer = Answer(sys.argv[1:])
            _give(answer)
        gc.disable()  # for the imports too; `modlint.memory` says when memory is given back
    from modlint.cli import main as command_line

    command_line(prog_name="modlint", obj=answer)


def run() -> None:
    """The program: the command line, in a process that has nothing else to do."""
    try:
        main()
    except SystemExit as end:
        if sys.argv[1:2] in _LONG:
            _leave(end)
        raise


def _give(answer: Answer) -> None:
    """End the program with the answer, if it is known and can be written."""
    known = answer.recall()
    if known is None or sys.stdout is None:
        return
    code, text = known
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, ValueError):
        return  # the long way meets the same obstacle and says so
    sys.exit(code)


def _leave(end: SystemExit) -> None:
    """End the process where it stands: to take all trees apart takes as long as some rules."""
    if sys.stdout is None or sys.stderr is None or not isinstance(end.code, int):
        return
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return  # Python's own way says so
    os._exit(end.code)


if __name__ == "__main__":
    run()
