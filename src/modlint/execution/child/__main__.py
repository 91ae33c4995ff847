"""Where the child process begins: a script, which is told of no package that it is part of."""

import importlib
import os
import sys
from importlib.util import module_from_spec, spec_from_file_location

#: A name that no course has for a package.
_NAME = "_modlint_child"


def _own_package() -> None:
    """Import the package around this file under a name of its own, without modlint."""
    folder = os.path.dirname(os.path.abspath(__file__))
    start = os.path.join(folder, "__init__.py")
    spec = spec_from_file_location(_NAME, start, submodule_search_locations=[folder])
    assert spec is not None
    assert spec.loader is not None
    package = module_from_spec(spec)
    sys.modules[_NAME] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    _own_package()
    importlib.import_module(f"{_NAME}.process").main(sys.argv[1])
