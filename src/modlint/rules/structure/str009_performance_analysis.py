"""STR009: nothing analyses how well the code performs."""

from modlint.rules.structure._analysis import AnalysisRule


class PerformanceAnalysis(AnalysisRule):
    """No function that analyses speed, cost or accuracy, and no clock."""

    code = "STR009"
    name = "performance-analysis"
    checks = ("performance",)
    words = (
        "performance", "speed*", "latency", "throughput", "benchmark*", "profil*", "efficiency",
        "complexity", "scaling", "convergence", "accuracy", "stability", "timing", "cost*",
        "overhead", "bottleneck*", "flops", "roofline",
    )  # fmt: skip
    tools = (
        "time.perf_counter*", "time.time*", "time.monotonic*", "time.process_time*", "timeit.*",
        "perf_counter*", "default_timer", "*.measure_latency", "cProfile.*",
    )  # fmt: skip
    topic = "performance"
    lack = "no performance analysis: no function looks at speed, cost or accuracy"
