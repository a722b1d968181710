"""Runs conformance files of any suite:  ./dev conformance [--transport stdio|ws] FILE…

Prints each failing case with what was expected and what came, and ends with `N/M hold`. Exit code 1 when any fails.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from pathlib import Path

from tests.conformance.cases import HERE, Case, load_cases, suite_of


async def _complaint(suite: str, case: Case, transport: str) -> str | None:
    try:
        if suite == "http":
            from tests.conformance import http_runner

            return await http_runner.run_case(case)
        if suite == "lsp":
            from tests.conformance import lsp_runner

            return await lsp_runner.run_case(case, transport)
        from tests.conformance import programs

        return await programs.run_case(suite, case)
    except Exception:
        return traceback.format_exc(limit=-4)


async def _run(paths: list[Path], transport: str) -> int:
    held = total = 0
    for path in paths:
        cases = load_cases(path)
        suite = suite_of(cases)
        for case in cases:
            total += 1
            complaint = await _complaint(suite, case, transport)
            if complaint is None:
                held += 1
            else:
                print(f"{path.name} {case['id']}: {case.get('about', '')}\n    {complaint.strip()}\n", flush=True)
    print(f"{held}/{total} hold")
    return 0 if held == total else 1


def main() -> int:
    """Run the files named on the command line, or all of the repository's."""
    arguments = sys.argv[1:]
    transport = "stdio"
    if "--transport" in arguments:
        at = arguments.index("--transport")
        transport = arguments[at + 1]
        del arguments[at : at + 2]
    paths = [Path(a) for a in arguments] or sorted(HERE.glob("*.yaml"))
    return asyncio.run(_run(paths, transport))


if __name__ == "__main__":
    sys.exit(main())
