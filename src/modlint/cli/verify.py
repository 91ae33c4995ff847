"""``modlint verify``: run the modules and see."""

from __future__ import annotations

import sys

import click

from modlint.analysis.module import Module
from modlint.analysis.testing import tests_with_arguments
from modlint.cli.options import limit_options, module_options, output_options, settings_for
from modlint.cli.run import Run
from modlint.cli.telling import say, show_all, wants_changes
from modlint.diagnostics import Diagnostic
from modlint.execution.observation import Limits, Observation
from modlint.execution.running import observe
from modlint.linting import judged
from modlint.notebook.cell import ModuleFile
from modlint.output.text import counted, printable
from modlint.reports import report_of
from modlint.settings import Settings

#: How the script run is called among tests; no test has this name.
_SCRIPT = "the script"


@click.command("verify")
@module_options
@output_options
@limit_options
@click.option(
    "--mock-missing", is_flag=True, help="Let stand-ins take the place of missing packages."
)
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: str,
    output_format: str,
    output_file: str | None,
    timeout: float,
    memory: int,
    mock_missing: bool,
) -> None:
    """Run the modules in PATHS: are they silent on import, do script and tests pass?

    THIS EXECUTES THE CODE OF THE MODULES, in child processes with a time limit, a
    memory limit and a scratch folder. That protects from accidents, not from
    malice: verify only what you would run. Exit status: 0 nothing found, 1
    diagnostics, 2 a path that could not be checked.
    """
    limits = Limits(timeout, memory)
    doubtful: list[str] = []  # what failed and may only have failed because of stand-ins

    def find(path: str, file: ModuleFile, settings: Settings) -> list[Diagnostic]:
        module = Module(file, settings)
        module.observed = observe(module, path, limits, mock_missing=mock_missing)
        if told := _tests(module.observed, tests_with_arguments(module)):
            say(f"{printable(path)}: {told}")
        doubtful.extend(_doubtful(module.observed))
        return judged(module)

    resolver = settings_for(select, ignore, executes=True)
    run = Run(paths, resolver, stdin_filename, pairs=False, find=find)
    checked = list(run.modules())
    reports = [report_of(result, with_changes=wants_changes(output_format)) for result in checked]
    show_all(run, reports, output_format, output_file, doubt=_doubt(doubtful))
    sys.exit(run.exit_code(any(result.diagnostics for result in checked)))


def _tests(seen: Observation, unrun: list[str]) -> str:
    """What became of each test, in one line; ``unrun`` are those that nobody can call."""
    script = seen.script
    called = script.called if script and not script.trouble else set(seen.tests)
    passed = [name for name, trouble in seen.tests.items() if trouble is None]
    in_script = [
        name for name, trouble in seen.tests.items() if trouble and name not in seen.failed
    ]
    groups = {
        "passed": [name for name in passed if name in called],
        "never called": [name for name in passed if name not in called],
        "passed in the script only": in_script,
        "failed with stand-ins" if seen.mocked else "failed": _doubtful(seen) or list(seen.failed),
        "not run, for want of arguments": unrun,
        "stand-ins for missing packages": list(seen.mocked),
    }
    return "; ".join(f"{word}: {', '.join(names)}" for word, names in groups.items() if names)


def _doubtful(seen: Observation) -> list[str]:
    """What failed with stand-ins, of which no diagnostic speaks."""
    if not seen.mocked:
        return []
    script = [_SCRIPT] if seen.script and seen.script.trouble else []
    return [*seen.failed, *script]


def _doubt(doubtful: list[str]) -> str:
    """How much failed with stand-ins; "" where nothing did."""
    scripts = doubtful.count(_SCRIPT)
    counts = (("test", len(doubtful) - scripts), ("script", scripts))
    said = [counted(n, noun) for noun, n in counts if n]
    return f"{' and '.join(said)} failed with stand-ins" if said else ""
