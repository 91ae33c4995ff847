"""``action.yml`` and the examples of ``docs/ci.md``: valid, and run as their services run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from modlint.cli import main as program
from sharing import Shared
from support import REFERENCE, ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r'^```yaml title="([^"]+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL))
#: File of an example → the published schema that it is held against.
SCHEMAS = {
    ".github/workflows/modlint.yml": "vendor.github-workflows",
    ".github/workflows/review.yml": "vendor.github-workflows",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
}
CLEAN = "# %%\ndef relu(x):\n    return max(0, x)\n"
_EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}")


def _valid(schema: str, path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# --- the action -------------------------------------------------------------------------------


def test_the_action_is_one(tmp_path: Path) -> None:
    _valid("vendor.github-actions", ROOT / "action.yml")
    broken = tmp_path / "action.yml"
    broken.write_text((ROOT / "action.yml").read_text().replace("shell: bash", "shel: bash"))
    with pytest.raises(AssertionError):
        _valid("vendor.github-actions", broken)


def test_no_input_becomes_a_part_of_a_script() -> None:
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")
        assert step.get("shell", "bash") == "bash"


class Runner:
    """Runs the steps of the action as a runner of GitHub does."""

    def __init__(self, folder: Path, home: Path, inputs: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.home = home
        self.outcomes = {"python": "success"}
        self.outputs = {"python": {"python-path": sys.executable}}
        self.inputs = {key: entry["default"] for key, entry in ACTION["inputs"].items()}
        self.inputs.update(inputs or {})
        self.summary = home / "summary.md"
        self.log = ""

    def value(self, expression: str) -> Any:
        """The value of an expression, of the kind that the action uses."""
        spaces = {
            "inputs": self.inputs,
            "outcome": self.outcomes,
            "outputs": self.outputs,
            "cancelled": lambda: False,
        }
        text = re.sub(r"inputs\.([\w-]+)", r"inputs['\1']", expression)
        text = re.sub(r"steps\.(\w+)\.outcome", r"outcome['\1']", text)
        text = re.sub(r"steps\.(\w+)\.outputs\.([\w-]+)", r"outputs['\1']['\2']", text)
        text = text.replace("!cancelled", "not cancelled").replace("&&", "and")
        return eval(text, {"__builtins__": {}}, spaces)

    def text(self, template: str) -> str:
        """A text with the values of its expressions."""
        return _EXPRESSION.sub(lambda match: str(self.value(match[1])), str(template))

    def run(self, name: str) -> int:
        """Run a step; its exit status."""
        step = STEPS[name]
        outputs = self.home / "outputs"
        outputs.write_text("")
        script = self.home / "step.sh"
        script.write_text(step["run"])
        environment = {
            **{k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "FORCE_COLOR")},
            **{key: self.text(value) for key, value in step["env"].items()},
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.folder),
            "RUNNER_TEMP": str(self.home),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.log = done.stdout + done.stderr
        if "id" in step:
            self.outcomes[step["id"]] = "success" if done.returncode == 0 else "failure"
            lines = outputs.read_text().splitlines()
            self.outputs[step["id"]] = dict(line.split("=", 1) for line in lines)
        return done.returncode

    def whole(self) -> dict[str, int | None]:
        """Run the steps in their order; the status of each, None where it is passed over."""
        found: dict[str, int | None] = {}
        has_failed = False
        for name, step in STEPS.items():
            if "run" not in step or name == "Install modlint":
                continue
            condition = _EXPRESSION.fullmatch(step.get("if", ""))
            wanted = bool(self.value(condition[1])) if condition else not has_failed
            found[name] = self.run(name) if wanted else None
            has_failed = has_failed or bool(found[name])
        return found


@pytest.fixture(scope="session")
def installed(shared: Shared) -> Path:
    """Where the first step of the action has installed modlint, for all runs."""
    return shared.made("action", _installed)


def _installed(home: Path) -> Path:
    runner = Runner(home, home)
    assert runner.run("Install modlint") == 0, runner.log
    modlint = Path(runner.outputs["install"]["modlint"])
    assert modlint.is_file()
    return modlint


@pytest.fixture
def runner(installed: Path, tmp_path: Path) -> Runner:
    """A runner in a checkout with a faulty module and a clean one, modlint installed."""
    (tmp_path / "checkout" / "my modules").mkdir(parents=True)
    shutil.copy(REFERENCE, tmp_path / "checkout" / "my modules" / "faulty.py")
    (tmp_path / "checkout" / "my modules" / "clean.py").write_text(CLEAN)
    made = Runner(tmp_path / "checkout", tmp_path)
    made.outcomes["install"] = "success"
    made.outputs["install"] = {"modlint": str(installed)}
    return made


def _knows(name: str) -> bool:
    command = program.get_command(None, "check")  # type: ignore[arg-type]
    assert command is not None
    (option,) = (p for p in command.params if p.name == "output_format")
    return name in getattr(option.type, "choices", ())


needs_formats = pytest.mark.skipif(
    not _knows("github"), reason="--output-format github and gitlab are still to be merged"
)


@needs_formats
def test_a_faulty_module_is_annotated_reviewed_and_fails_the_job(runner: Runner) -> None:
    assert runner.run("Check") == 1
    assert "::error title=modlint (IMP001),file=my modules/faulty.py,line=496" in runner.log
    assert runner.whole() == {"Check": 1, "Review": 0}
    summary = runner.summary.read_text()
    assert summary.startswith("# Course overview\n")
    assert "my modules/faulty.py" in summary
    assert len(summary.encode()) < 2**20


@needs_formats
def test_a_clean_module_passes(runner: Runner) -> None:
    runner.inputs["paths"] = "'my modules/clean.py'"
    assert runner.whole() == {"Check": 0, "Review": 0}
    assert "::" not in runner.log


@needs_formats
@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"report": "false"}, {"Check": 1, "Review": None}),
        ({"args": "--exit-zero"}, {"Check": 0, "Review": 0}),
        ({"args": '--select "SIG005, CEL008"'}, {"Check": 0, "Review": 0}),
        ({"args": "--exit-zero", "fail-under": "101"}, {"Check": 0, "Review": 2}),
        ({"args": "--exit-zero", "fail-under": "100"}, {"Check": 0, "Review": 1}),
        ({"paths": "nowhere.py"}, {"Check": 2, "Review": 2}),
        ({"args": "it's"}, {"Check": 1, "Review": 0}),
        ({"args": "--exit-zero", "paths": "'my modules/clean.py'\n'my modules/faulty.py'\n"},
         {"Check": 0, "Review": 0}),
        ({"args": "$(touch pwned) `touch pwned` ; touch pwned", "paths": ""},
         {"Check": 2, "Review": 0}),
    ],
)  # fmt: skip
def test_inputs(runner: Runner, inputs: dict[str, str], expected: dict[str, int | None]) -> None:
    runner.inputs.update(inputs)
    assert runner.whole() == expected
    assert not (runner.folder / "pwned").exists()


def test_the_review_keeps_to_the_room_of_a_summary() -> None:
    assert "--output-format markdown --fit summary" in STEPS["Review"]["run"]


# --- the document -----------------------------------------------------------------------------


def test_the_table_of_inputs_is_that_of_the_action() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (?:`(.+?)`)? ?\| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [
        (name, entry["default"], entry["description"]) for name, entry in ACTION["inputs"].items()
    ]


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_example_is_valid(name: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yml"
    path.write_text(EXAMPLES[name])
    _valid(SCHEMAS[name], path)


def test_every_example_is_tested() -> None:
    assert EXAMPLES.keys() == {*SCHEMAS, ".pre-commit-config.yaml"}


def test_the_example_of_the_action_names_its_inputs() -> None:
    workflow = yaml.safe_load(EXAMPLES[".github/workflows/modlint.yml"])
    (step,) = (s for s in workflow["jobs"]["modlint"]["steps"] if "modlint" in s["uses"])
    assert step["with"].keys() <= ACTION["inputs"].keys()


def test_the_example_of_pre_commit_names_a_hook(tmp_path: Path) -> None:
    path = tmp_path / ".pre-commit-config.yaml"
    path.write_text(EXAMPLES[".pre-commit-config.yaml"])
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(path)]
    subprocess.run(command, check=True)
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    (repository,) = yaml.safe_load(path.read_text())["repos"]
    assert {hook["id"] for hook in repository["hooks"]} <= hooks
    assert all(f"`{hook}`" in PAGE for hook in hooks)


def _bash(script: str, folder: Path, installed: Path) -> int:
    environment = {
        **{k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        "PATH": f"{installed.parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_BASE_REF": "main",
    }
    return subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=environment).returncode


@needs_formats
def test_the_script_for_gitlab_writes_its_artifacts(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    shutil.copy(REFERENCE, tmp_path / "modules" / "m.py")
    job = yaml.safe_load(EXAMPLES[".gitlab-ci.yml"])["modlint"]
    script = "\n".join(line for line in job["script"] if not line.startswith("pip "))
    assert _bash(script, tmp_path, installed) == 1
    reports = job["artifacts"]["reports"]
    assert (tmp_path / reports["junit"]).read_text().startswith("<?xml")
    assert len(json.loads((tmp_path / reports["codequality"]).read_text())) == 28


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on this machine")
def test_the_script_for_a_comment_compares_the_branches(installed: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "modules").mkdir(parents=True)
    guard = '\n# %%\nif __name__ == "__main__":\n    print(X)\n'
    (here / "modules" / "m.py").write_text(f'# %%\nX = 1\nprint("hi")\n{guard}')
    git = "git -c user.name=a -c user.email=a@example.invalid"
    commands = (
        "init -q -b main",
        "add .",
        "commit -qm a",
        "update-ref refs/remotes/origin/main main",
    )
    setup = " && ".join(f"{git} {command}" for command in commands)
    assert _bash(setup, here, installed) == 0
    (here / "modules" / "m.py").write_text(f"# %%\nX = 1\n{guard}")
    steps = yaml.safe_load(EXAMPLES[".github/workflows/review.yml"])["jobs"]["review"]["steps"]
    (script,) = (step["run"] for step in steps if "git worktree" in step.get("run", ""))
    assert _bash(script, here, installed) == 0
    comment = (here / "comment.md").read_text()
    assert comment.startswith("# What changed\n\n✅ 1 problem mended, ❌ 0 new.")
