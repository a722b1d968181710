"""`./dev bench [NAME…]`: every benchmark, or the named ones. Each prints a table of figures and ratios."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> int:
    """Run the benchmarks and return 0, or 2 for an unknown name."""
    here = Path(__file__).resolve().parent
    known = sorted(p.stem for p in here.glob("*.py") if p.stem not in {"__init__", "__main__", "timing"})
    names = sys.argv[1:] or known
    unknown = [n for n in names if n not in known]
    if unknown:
        print(f"unknown benchmark {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names:
        print(f"── {name} ──", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
