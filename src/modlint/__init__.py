"""modlint finds and mends what breaks course modules: on import, in grading, on export."""

__version__ = "0.1.0"
