"""Rules that a course adds: which files they are, and whether they may run.

A folder of rules is code of the tree; :mod:`modlint.rules.local` runs it, and nothing here does.
"""

from __future__ import annotations

import json
import os
import re
import sys

from modlint.cache import Trace, contents, digest
from modlint.codes import codes
from modlint.settings import LocalRules
from modlint.writing import NotWritten, write_whole

#: ``crs001_cell_too_long.py``: the code and the name of the rule in it.
_FILE = re.compile(r"([a-z]{3}\d{3})_([a-z][a-z0-9]*(?:_[a-z0-9]+)*)\.py")
_TRUSTED = "trusted.json"


class LocalRulesError(ValueError):
    """A folder that cannot be one of rules; the message says why."""


# --- which files they are ---------------------------------------------------------------------


def read_folder(folder: str, trace: Trace) -> LocalRules:
    """The rules in a folder, none of them run. Each path is noted in ``trace``.

    Every ``.py`` file is a rule, named by its code, but for those that begin with an
    underscore. Raises :class:`LocalRulesError`.
    """
    folder = os.path.abspath(folder)
    trace.look(folder)
    try:
        listed = sorted(name for name in os.listdir(folder) if name.endswith(".py"))
    except OSError as error:
        raise LocalRulesError(str(error.strerror).lower()) from error
    sources, names = [], {}
    for file in listed:
        path = os.path.join(folder, file)
        trace.look(path)
        content = contents(path) if os.path.isfile(path) else None
        if content is None:
            raise LocalRulesError(f"{file} cannot be read")
        sources.append((file, content))
        if not file.startswith("_"):
            code, name = _named(file)
            if code in names:
                raise LocalRulesError(f"{code} is the code of two rules")
            names[code] = name
    if not names:
        raise LocalRulesError("holds no rule: a rule is a file named as crs001_cell_too_long.py")
    parts = [part for file, content in sources for part in (file.encode(), content)]
    return LocalRules(folder, tuple(sources), digest(*parts).hex(), tuple(names.items()))


def _named(file: str) -> tuple[str, str]:
    match = _FILE.fullmatch(file)
    if match is None:
        raise LocalRulesError(
            f"{file} is named neither as a rule (crs001_cell_too_long.py) nor as a helper "
            "(with _ in front)"
        )
    code = match[1].upper()
    if objection := objection_to_code(code):
        raise LocalRulesError(objection)
    return code, match[2].replace("_", "-")


def objection_to_code(code: str) -> str:
    """Why no rule of a course may have this code; empty where one may."""
    if not re.fullmatch(r"[A-Z]{3}\d{3}", code):
        return f"{code} is no code: three letters and three digits, as CRS001"
    if code[:3] in {own[:3] for own in codes()}:
        return f"{code}: the family {code[:3]} is modlint's own; take other letters"
    return ""


def file_name(code: str, name: str) -> str:
    """The file of a rule: ``crs001_cell_too_long.py``."""
    return f"{code.lower()}_{name.replace('-', '_')}.py"


# --- whether they may run ---------------------------------------------------------------------


def trusted_file() -> str:
    """Where it is written which folders the user trusts: in the user's folder for settings."""
    if sys.platform == "win32":
        base = os.environ.get("APPDATA") or os.path.expanduser("~\\AppData\\Roaming")
    else:
        base = os.environ.get("XDG_CONFIG_HOME", "")
        if not os.path.isabs(base):  # as the XDG specification asks
            base = os.path.expanduser("~/.config")
    return os.path.join(base, "modlint", _TRUSTED)


def is_trusted(rules: LocalRules, trace: Trace) -> bool:
    """Whether the user trusts these files as they are now."""
    path = trusted_file()
    trace.look(path)
    return _trusted(path).get(os.path.realpath(rules.folder)) == rules.digest


def set_trust(rules: LocalRules, trusted: bool) -> None:
    """Trust these files as they are, or no longer. Raises ``NotWritten``."""
    path = trusted_file()
    known = _trusted(path)
    folder = os.path.realpath(rules.folder)
    known.pop(folder, None)
    if trusted:
        known[folder] = rules.digest
    try:
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    except OSError as error:
        raise NotWritten(f"cannot be written: {str(error.strerror).lower()}") from error
    write_whole(path, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())


def _trusted(path: str) -> dict[str, str]:
    """Folder → digest; nothing where the file is damaged or not the user's own."""
    if not os.path.isabs(path):
        return {}
    try:
        if sys.platform != "win32" and os.stat(path).st_uid != os.geteuid():
            return {}
        known = json.loads(contents(path) or b"{}")
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}
