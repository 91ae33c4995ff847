"""What runs in the child process: the module, watched.

Started as ``python -P child/__main__.py JOB``; needs nothing but the standard library, and
goes by a name of its own there, so that no module of modlint meets one of the course.
``JOB`` is a JSON file, see :class:`~modlint.execution.child.job.Job`; what is seen goes out
at once, one JSON object a line, through the pipe ``job.results``: what was seen before a
crash is not lost.

This is no sandbox. It keeps honest code from changing files and from running for ever.
"""
