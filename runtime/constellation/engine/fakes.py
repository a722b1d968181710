"""Stand-ins for modules in tests.

Owns making a module of a plain function in the shape of another. Refuses to fake a module that does not exist.

Invariant: a fake has the signature of what it stands for, so programs compiled before keep running.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from constellation.modules.errors import ModuleDefinitionError
from constellation.modules.module import Execution, Implementation, Module
from constellation.types.json import decode, encode_python
from constellation.types.model import FunctionType, Type


class Fake:
    """A stand-in and what it was called with. Arguments are plain Python values, the result may be too."""

    def __init__(self, original: Module, function: Callable[..., Any]) -> None:
        self.original = original
        self.calls: list[tuple[Any, ...]] = []
        self._function = function
        self._check()
        waits = inspect.iscoroutinefunction(function)
        execution = Execution.ASYNC if waits else Execution.INLINE
        self.module = replace(original, bind=self._bind, execution=execution, wants_context=False)

    @property
    def count(self) -> int:
        """How often it was called."""
        return len(self.calls)

    def _check(self) -> None:
        wanted = [p.name for p in self.original.spec.overloads[0].parameters]
        found = list(inspect.signature(self._function).parameters)
        if found != wanted:
            raise ModuleDefinitionError(
                [f"the fake of '{self.original.name}' takes ({', '.join(found)}), not ({', '.join(wanted)})"]
            )

    def _bind(self, overload: int, types: tuple[Type, ...], returns: Type) -> Implementation:
        ways = [None if isinstance(t, FunctionType) else encode_python(t) for t in types]
        back = decode(returns)

        def given(values: tuple[Any, ...]) -> list[Any]:
            plain = [v if way is None else way(v) for way, v in zip(ways, values, strict=True)]
            self.calls.append(tuple(plain))
            return plain

        if self.module.execution is Execution.ASYNC:

            async def later(*values: Any) -> Any:
                return back(await self._function(*given(values)))

            return later
        return lambda *values: back(self._function(*given(values)))
