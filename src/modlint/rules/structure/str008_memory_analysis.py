"""STR008: nothing measures memory."""

from modlint.rules.structure._analysis import AnalysisRule


class MemoryAnalysis(AnalysisRule):
    """A function of the module that counts bytes, or a tool that does."""

    code = "STR008"
    name = "memory-analysis"
    words = ("memory", "footprint", "*size", "*sizes", "bytes", "storage")
    tools = (
        "*.measure_memory", "*.profile_memory", "tracemalloc.*", "sys.getsizeof", "*.nbytes",
        "*.memory_info", "*.memory_usage",
    )  # fmt: skip
    lack = "no memory analysis: no function counts the bytes of anything"
