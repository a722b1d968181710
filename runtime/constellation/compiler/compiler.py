"""The compiler: text in, image and diagnostics out.

Owns the way of a text through hash, cache, parser, checker and structural hash. Refuses to run anything, and to raise:
a text that cannot be compiled gives a `Compilation` without image.

Invariant: a compilation found in the cache is equal to the one that compiling would give.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

from constellation.compiler.cache import CompileCache
from constellation.compiler.checked import CheckedProgram
from constellation.compiler.checker import Checker
from constellation.compiler.diagnostics import Diagnostic
from constellation.image.image import COMPILER_VERSION, PipelineImage, build_image
from constellation.types.functions import FunctionTable
from constellation_grammar.parser import Parser, text_hash, token_hash

__all__ = ["COMPILER_VERSION", "Compilation", "Compiler"]


class Compilation:
    """The result of compiling one text.

    `image` is None when there are errors. `cached` says which level of the cache answered: "text" (exactly this text),
    "tokens" (a text that differs in layout and comments only) or None (compiled now).
    """

    def __init__(
        self,
        text: str,
        image: PipelineImage | None,
        diagnostics: tuple[Diagnostic, ...],
        text_hash: str,
        token_hash: str,
        cached: str | None,
        omitted_errors: int,
        check: Callable[[], CheckedProgram],
    ) -> None:
        self.text = text
        self.image = image
        self.diagnostics = diagnostics
        self.text_hash = text_hash
        self.token_hash = token_hash
        self.cached = cached
        self.omitted_errors = omitted_errors
        self._check = check

    @property
    def succeeded(self) -> bool:
        """Whether there is an image."""
        return self.image is not None

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that made it fail."""
        return tuple(d for d in self.diagnostics if d.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that did not."""
        return tuple(d for d in self.diagnostics if d.severity != "error")

    @cached_property
    def checked(self) -> CheckedProgram:
        """The checked program; for a result found in the cache it is made when first asked for."""
        return self._check()

    def answered(self, level: str | None, check: Callable[[], CheckedProgram]) -> Compilation:
        """The same result, answered by a level of the cache, with another way to its checked program."""
        return Compilation(
            self.text,
            self.image,
            self.diagnostics,
            self.text_hash,
            self.token_hash,
            level,
            self.omitted_errors,
            check,
        )


class Compiler:
    """Compiles programs against one function table. Threads may share a compiler.

    `cache` may be shared between compilers of different tables; entries are kept apart.
    """

    def __init__(
        self,
        table: FunctionTable,
        *,
        cache: CompileCache[Compilation] | None = None,
        parser: Parser | None = None,
        cache_backends: Sequence[str] | None = None,
    ) -> None:
        self.table = table
        self.cache_backends = None if cache_backends is None else tuple(sorted(cache_backends))
        self.checker = Checker(table, cache_backends)
        self.cache: CompileCache[Compilation] = CompileCache() if cache is None else cache
        self._parser = parser if parser is not None else Parser()
        self._latest: CheckedProgram | None = None

    @cached_property
    def fingerprint(self) -> str:
        """What besides the text decides a result: the function table, the names of caches, the compiler's version."""
        backends = "" if self.cache_backends is None else f":{','.join(self.cache_backends)}"
        return f"{self.table.hash}:{COMPILER_VERSION}{backends}"

    def compile(self, text: str) -> Compilation:
        """Compile a text, or find the result of compiling it before."""
        by_text = text_hash(text)
        known = self.cache.by_text(by_text, self.fingerprint)
        if known is not None:
            return known.answered("text", lambda: known.checked)
        by_tokens = token_hash(text)
        similar = self.cache.by_tokens(by_tokens, self.fingerprint)
        if similar is not None:
            made = self._from_similar(text, by_text, by_tokens, similar)
        else:
            self.cache.missed()
            made = self._compile(text, by_text, by_tokens)
        # kept without its checked program, which is larger than everything else and seldom asked for again
        kept = made.answered(made.cached, lambda: self.check(text))
        self.cache.put(by_text, by_tokens, self.fingerprint, kept, loaded=similar is None)
        return made

    def check(self, text: str) -> CheckedProgram:
        """Parse and check a text, keeping what did not change since the last one."""
        program = self._parser.parse(text)
        checked = self.checker.check(program, self._latest, text=text)
        self._latest = checked
        return checked

    def statistics(self) -> dict[str, int | float]:
        """The cache's statistics."""
        return self.cache.statistics()

    def _compile(self, text: str, by_text: str, by_tokens: str) -> Compilation:
        checked = self.check(text)
        image: PipelineImage | None = None
        if checked.graph is not None:
            functions = self.table.functions
            image = build_image(
                checked.graph,
                source=text,
                text_hash=by_text,
                token_hash=by_tokens,
                registry_hash=self.table.hash,
                versions={name: functions[name].version for name in checked.functions},
            )
        return Compilation(
            text, image, checked.diagnostics, by_text, by_tokens, None, checked.omitted_errors, lambda: checked
        )

    def _from_similar(self, text: str, by_text: str, by_tokens: str, similar: Compilation) -> Compilation:
        """The result for a text with the same tokens: the same image, the diagnostics where they are now."""
        image = similar.image
        if image is not None:
            image = replace(image, syntactic_hash=by_text, source=text)
        diagnostics: tuple[Diagnostic, ...] = ()
        omitted = similar.omitted_errors
        if similar.diagnostics:
            checked = self.check(text)
            diagnostics = checked.diagnostics
            return Compilation(text, image, diagnostics, by_text, by_tokens, "tokens", omitted, lambda: checked)
        return Compilation(text, image, (), by_text, by_tokens, "tokens", omitted, lambda: self.check(text))
