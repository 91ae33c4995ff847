"""Write the JSON schema of the settings and their reference, from the fields of ``Settings``.

.venv/bin/python tests/make_settings_docs.py
"""

from __future__ import annotations

import json
from typing import Any

from modlint.settings import NAMED_KINDS, Settings, ValueType, field_name, keys, says
from support import ROOT

SCHEMA = ROOT / "src" / "modlint" / "settings.schema.json"
REFERENCE = ROOT / "docs" / "settings.md"
#: What stands above the generated part of the reference.
START = "<!-- What follows is written by tests/make_settings_docs.py. -->\n"

_CODES = {
    "type": "array",
    "items": {"type": "string", "pattern": "^([A-Za-z]{1,3}|[A-Za-z]{3}[0-9]{1,3})$"},
}
_STRINGS = {"type": "array", "items": {"type": "string"}}
_OF_TYPE: dict[ValueType, dict[str, Any]] = {
    ValueType.CODES: _CODES,
    ValueType.NAMES: _STRINGS,
    ValueType.PATTERNS: _STRINGS,
    ValueType.CODES_BY_PATTERN: {"type": "object", "additionalProperties": _CODES},
    ValueType.POINTS: {
        "type": "object",
        "additionalProperties": {"type": "number", "minimum": 0},
    },
    ValueType.WORDS_BY_RULE: {"type": "object", "additionalProperties": _STRINGS},
    ValueType.KIND_BY_PATTERN: {
        "type": "object",
        "additionalProperties": {"enum": list(NAMED_KINDS)},
    },
    ValueType.FILE: {"type": "string"},
    ValueType.FOLDER: {"type": "string"},
    ValueType.SWITCH: {"type": "boolean"},
}


def default(key: str) -> Any:
    """The default of a key, as JSON has it."""
    value = getattr(Settings(), field_name(key))
    return list(value) if isinstance(value, tuple) else value


def schema() -> str:
    """The JSON schema of a ``modlint.toml`` or of ``[tool.modlint]``."""
    properties = {
        key: {"description": says(key), "default": default(key), **_OF_TYPE[kind]}
        for key, kind in keys().items()
    }
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The settings of modlint",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def toml(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        inner = ", ".join(f'"{name}" = {toml(inner)}' for name, inner in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return json.dumps(value, ensure_ascii=False)


def reference() -> str:
    """The generated part of the reference: a section a key."""
    parts = []
    for key, kind in keys().items():
        body = f"## `{key}`\n\n{says(key)}\n\n"
        body += f"Must be {kind}. Default:\n\n```toml\n{key} = {toml(default(key))}\n```\n"
        parts.append(body)
    return "\n".join(parts)


def main() -> None:
    """Write both."""
    SCHEMA.write_text(schema(), "utf-8")
    by_hand = REFERENCE.read_text("utf-8").partition(START)[0]
    REFERENCE.write_text(f"{by_hand}{START}\n{reference()}", "utf-8")


if __name__ == "__main__":
    main()
