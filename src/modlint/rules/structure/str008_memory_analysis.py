"""STR008: nothing measures memory."""

from modlint.rules.structure._analysis import AnalysisRule


class MemoryAnalysis(AnalysisRule):
    """No function that counts bytes, and no tool that does."""

    code = "STR008"
    name = "memory-analysis"
    checks = ("memory",)
    words = ("memory", "footprint", "model size*", "size in bytes", "bytes", "storage")
    tools = (
        "*.measure_memory", "*.profile_memory", "tracemalloc.*", "sys.getsizeof", "*.nbytes",
        "*.memory_info", "*.memory_usage",
    )  # fmt: skip
    figures = ("memory", "bytes", "kb", "mb", "gb")
    topic = "memory"
    lack = "no memory analysis: no function counts the bytes of anything"
