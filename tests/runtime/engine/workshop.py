"""Modules whose calls are counted, an engine on virtual time, and random programs that use them.

Every program is built from `Add2`, `Slow` and friends over integers, so that a plain Python model of its result is
the program run without suspension on an engine that never waits.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from constellation.engine.constellation import Constellation
from constellation.modules.module import Execution, Module
from constellation.testing.clock import FakeClock
from constellation.types.notation import parse_signature
from constellation.types.signature import FunctionSpec

Body = Callable[..., Any]


@dataclass
class Workshop:
    """An engine with counted modules. `calls` counts executions of bodies, `arguments` lists what they were given."""

    clock: FakeClock = field(default_factory=FakeClock)
    calls: Counter[str] = field(default_factory=lambda: Counter[str]())
    arguments: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list[tuple[str, tuple[Any, ...]]])
    modules: list[Module] = field(default_factory=list[Module])

    def module(self, signature: str, body: Body, *, waits: bool = False, **settings: Any) -> Workshop:
        """Add a module; `signature` reads `Name(a: Int) -> Int`. With `waits` the body is a coroutine function."""
        name, parsed = parse_signature(signature)
        spec = FunctionSpec(name, "", name, (parsed,), (name,), effectful=bool(settings.pop("effectful", False)))

        def counted(*values: Any) -> Any:
            self.calls[name] += 1
            self.arguments.append((name, values))
            return body(*values)

        def bind(overload: int, types: object, returns: object) -> Body:
            return counted

        execution = settings.pop("execution", Execution.ASYNC if waits else Execution.INLINE)
        self.modules.append(Module(spec, bind, execution, **settings))
        return self

    def sleeping(self, signature: str, seconds: float, body: Body) -> Workshop:
        """Add a module that takes virtual time."""

        async def later(*values: Any) -> Any:
            await self.clock.sleep(seconds)
            return body(*values)

        return self.module(signature, later, waits=True)

    def failing(self, signature: str, message: str = "kaboom", times: int | None = None, then: Any = None) -> Workshop:
        """Add a module that fails, always or the first `times` times."""
        name = signature.partition("(")[0]

        def body(*values: Any) -> Any:
            if times is None or self.calls[name] <= times:
                raise RuntimeError(message)
            return then

        return self.module(signature, body)

    def engine(self, **settings: Any) -> Constellation:
        """A fresh engine on this clock with these modules."""
        return Constellation(modules=self.modules, clock=self.clock, **settings)


def echo(*values: Any) -> Any:
    """The first argument."""
    return values[0]


def arithmetic(delays: dict[str, float] | None = None) -> Workshop:
    """A workshop with the modules random programs use; `delays` are virtual seconds by name."""
    shop = Workshop()
    bodies: dict[str, tuple[str, Body]] = {
        "Inc": ("Inc(v: Int) -> Int", lambda v: v + 1),
        "Dbl": ("Dbl(v: Int) -> Int", lambda v: v * 2),
        "Pair": ("Pair(a: Int, b: Int) -> Int", lambda a, b: a * 3 + b),
        "Pos": ("Pos(v: Int) -> Boolean", lambda v: v > 0),
    }
    for name, (signature, body) in bodies.items():
        delay = (delays or {}).get(name)
        if delay is None:
            shop.module(signature, body)
        else:
            shop.sleeping(signature, delay, body)
    return shop


INPUTS = ("x", "y", "z")


@st.composite
def programs(draw: st.DrawFn, statements: int = 6) -> str:
    """A program over the inputs x, y, z whose bindings call counted modules in every kind of position."""
    lines = [f"in {name}: Int" for name in INPUTS]
    names: list[str] = list(INPUTS)
    for i in range(draw(st.integers(1, statements))):
        lines.append(f"b{i} = {draw(expressions(tuple(names)))}")
        names.append(f"b{i}")
    outputs = [n for n in names if n.startswith("b")]
    return "\n".join([*lines, *[f"out {name}" for name in outputs]]) + "\n"


@st.composite
def expressions(draw: st.DrawFn, names: tuple[str, ...], depth: int = 3) -> str:
    """An Int expression."""
    if depth == 0:
        return draw(st.one_of(st.sampled_from(names), st.integers(0, 9).map(str)))
    inner = expressions(names, depth - 1)
    kind = draw(st.integers(0, 9))
    if kind <= 1:
        return draw(st.sampled_from(names))
    if kind == 2:
        return f"Inc({draw(inner)})"
    if kind == 3:
        return f"Pair({draw(inner)}, {draw(inner)})"
    if kind == 4:
        return f"({draw(inner)} + {draw(inner)})"
    if kind == 5:
        return f"(if ({draw(conditions(names, depth - 1))}) {draw(inner)} else {draw(inner)})"
    if kind == 6:
        return f"(({draw(inner)} when {draw(conditions(names, depth - 1))}) ?? {draw(inner)})"
    if kind == 7:
        otherwise = draw(inner)
        return f"(branch {{ {draw(conditions(names, depth - 1))} -> {draw(inner)}, otherwise -> {otherwise} }})"
    if kind == 8:
        return f"sum(map([{draw(inner)}, {draw(inner)}], (e) => Dbl(e) + {draw(st.sampled_from(names))}))"
    return f"Dbl({draw(inner)})"


@st.composite
def conditions(draw: st.DrawFn, names: tuple[str, ...], depth: int) -> str:
    """A Boolean expression."""
    inner = expressions(names, depth)
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return f"Pos({draw(inner)})"
    if kind == 1:
        return f"({draw(inner)} > {draw(inner)})"
    if kind == 2:
        return f"(Pos({draw(inner)}) and {draw(inner)} < 5)"
    return f"(Pos({draw(inner)}) or not Pos({draw(inner)}))"
