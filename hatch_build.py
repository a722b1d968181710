"""Build hook: compiles the committed tree-sitter parser into `constellation_grammar._binding`.

Owns how the extension module is built, nothing about what is in it. The module is built beside its package, so an
editable installation finds it too, and against the limited API: one wheel serves every CPython from 3.11 on.
Run as a script, it compiles in place without installing anything.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

PACKAGE = Path("grammar", "constellation_grammar")
LIMITED_API = "0x030B0000"


def parser_extension(grammar: Path) -> Extension:
    """The extension module, from the sources under `grammar`."""
    windows = sysconfig.get_platform().startswith("win")
    return Extension(
        "_binding",
        sources=[str(grammar / name) for name in ("binding.c", "src/parser.c", "src/scanner.c")],
        include_dirs=[str(grammar / "src")],
        depends=[str(header) for header in sorted((grammar / "src" / "tree_sitter").glob("*.h"))],
        extra_compile_args=["/std:c11", "/utf-8"] if windows else ["-std=c11", "-fvisibility=hidden"],
        define_macros=[("Py_LIMITED_API", LIMITED_API), ("PY_SSIZE_T_CLEAN", None), ("TREE_SITTER_HIDE_SYMBOLS", None)],
        py_limited_api=True,
    )


def compile_in_place(root: Path) -> None:
    """Compile the parser into the package's folder."""
    command = build_ext(Distribution({"ext_modules": [parser_extension(root / "grammar")]}))
    command.build_lib = str(root / PACKAGE)
    command.build_temp = str(root / "build" / "extension")
    command.ensure_finalized()
    command.run()


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it packs a wheel or installs in place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and tell hatchling that the wheel has a compiled module in it."""
        if self.target_name != "wheel":
            return
        compile_in_place(Path(self.root))
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"cp311-abi3-{platform}"
        build_data["artifacts"] += [f"{PACKAGE.as_posix()}/*.so", f"{PACKAGE.as_posix()}/*.pyd"]


if __name__ == "__main__":
    compile_in_place(Path(__file__).resolve().parent)
