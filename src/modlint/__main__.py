"""``python -m modlint``."""

from modlint.cli import main

if __name__ == "__main__":
    main(prog_name="modlint")
