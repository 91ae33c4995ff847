"""How code is rewritten: one file each, a command that LibCST's own tool runs, too.

    python -m libcst.tool codemod --no-format -x modlint.codemods.main_guard.PutUnderGuard \\
        --lines 12-14 module_dev.py

A percent file is one module to LibCST: its markers are comments. Which statements a fix rewrites,
and whether it may, its rule says; the fix runs the command on these lines alone
(:class:`modlint.analysis.fragment.Fragment`), without ``lines``: then all that is there is meant.
"""
