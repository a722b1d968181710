"""Call sites bound to modules: what each call of a program runs here and now.

Owns finding the module of every call, checking that its signature is still the one compiled against, and deciding how
the call is made. Refuses to run anything.

Invariant: a call whose options have no effect is bound to the bare implementation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from constellation.engine.codegen import CallForm, SiteForm
from constellation.engine.errors import ModuleNotFoundError_, ModuleSignatureChangedError
from constellation.engine.layout import Layout, Site, decides_early
from constellation.image.graph import CallNode, CallOptions, LambdaNode
from constellation.modules.module import Execution, Implementation, Module
from constellation.types.model import ListType, SeqType, Type


class ModuleSource(Protocol):
    """Where modules are found: a `ModuleRegistry`."""

    def get(self, name: str) -> Module | None: ...


Offload = Callable[[Module, Implementation], Implementation]
"""Makes an awaitable implementation of one that runs in a thread or process."""


@dataclass(frozen=True, slots=True)
class BoundSite:
    """A call site with its module. `call` is the implementation, called with values of the parameters' `types`;
    `written` is the name the program used."""

    site: Site
    module: Module
    call: Implementation
    form: SiteForm
    written: str
    options: CallOptions | None
    parameters: tuple[str, ...]
    types: tuple[Type, ...]

    @property
    def key(self) -> str:
        """The node key of the call."""
        return self.site.key


def bind_sites(layout: Layout, modules: ModuleSource, offload: Offload, *, guarded: bool) -> list[BoundSite]:
    """The sites of a layout, in their order. With `guarded`, every call of a module that is not pure goes through the
    run's call machinery, whatever its options. Raises when a module is missing or no longer fits."""
    bound: list[BoundSite | None] = [None] * len(layout.sites)
    for site in reversed(layout.sites):
        bound[site.index] = _bind(site, layout, modules, offload, guarded, bound)
    return [site for site in bound if site is not None]


def _bind(
    site: Site,
    layout: Layout,
    modules: ModuleSource,
    offload: Offload,
    guarded: bool,
    bound: list[BoundSite | None],
) -> BoundSite:
    call = site.call
    module = modules.get(call.function)
    if module is None:
        raise ModuleNotFoundError_(call.written)
    _check_signature(call, module)
    implementation = module.bind(call.overload, call.parameter_types, call.returns)
    awaits_lambdas = _awaits_lambdas(site, layout, bound)
    if awaits_lambdas:
        implementation = getattr(implementation, "asynchronous", None) or _no_waiting(call.written)
    elif module.execution in (Execution.THREAD, Execution.PROCESS):
        implementation = offload(module, implementation)
    wrapped = has_effect(call.options) or _module_needs_wrapping(module) or (guarded and not module.spec.pure)
    awaits = awaits_lambdas or module.execution is not Execution.INLINE
    form = SiteForm(
        form=CallForm.WRAPPED if wrapped else CallForm.AWAIT if awaits else CallForm.DIRECT,
        context=module.wants_context,
        record=site.cell < 0 and not module.spec.pure,
        awaits_lambdas=awaits_lambdas,
        element=site.cell < 0,
    )
    if decides_early(call):
        return BoundSite(site, module, _chosen, form, call.written, call.options, ("value",), (call.returns,))
    names = tuple(argument.name for argument in call.arguments)
    return BoundSite(site, module, implementation, form, call.written, call.options, names, call.parameter_types)


def _chosen(value: Any) -> Any:
    """What a call form does when its operands have decided."""
    return value


def has_effect(options: CallOptions | None) -> bool:
    """Whether options change how a single call runs (priority and laziness do not change the call itself)."""
    return options is not None and (
        bool(options.retry)
        or options.timeout_ms is not None
        or options.fallback is not None
        or options.cache_ms is not None
        or options.throttle_count is not None
        or options.concurrency is not None
        or options.on_error not in (None, "propagate")
    )


def _module_needs_wrapping(module: Module) -> bool:
    limited = module.timeout is not None or module.inputs_timeout is not None
    return limited or module.circuit_breaker not in (None, False)


def _awaits_lambdas(site: Site, layout: Layout, bound: list[BoundSite | None]) -> bool:
    prefixes = tuple(f"{site.key}/{a.name}/" for a in site.call.arguments if isinstance(a.value, LambdaNode))
    if not prefixes:
        return False
    inner = layout.nodes[site.node].sites
    return any(
        (found := bound[other.index]) is not None and found.form.awaits
        for other in inner
        if other.index > site.index and other.key.startswith(prefixes)
    )


def _no_waiting(written: str) -> Implementation:
    def refuse(*values: Any) -> Any:
        raise TypeError(f"{written} takes no lambda that waits: its function would have to be asynchronous")

    return refuse


def _names_fit(declared: tuple[str, ...], given: tuple[str, ...]) -> bool:
    """Whether arguments are the declared ones; the last may repeat with a number behind its name (`omit`)."""
    if len(given) <= len(declared):
        return declared == given
    last = declared[-1] if declared else ""
    repeated = tuple(f"{last}{n}" for n in range(2, len(given) - len(declared) + 2))
    return given == declared + repeated


def _takes(declared: Type, compiled: Type) -> bool:
    """Whether a type is the declared one; a standard function's list may have been compiled as a sequence."""
    if isinstance(declared, ListType) and isinstance(compiled, SeqType):
        return declared.element == compiled.element
    return declared == compiled


def _check_signature(call: CallNode, module: Module) -> None:
    """Raises when the module no longer has the signature the call was compiled against."""
    overloads = module.spec.overloads
    wanted = tuple(a.name for a in call.arguments)
    chosen = overloads[call.overload] if call.overload < len(overloads) else overloads[0]
    fits = _names_fit(tuple(p.name for p in chosen.parameters), wanted)
    if fits and not module.spec.generic:
        fits = all(map(_takes, (p.type for p in chosen.parameters), call.parameter_types))
        fits = fits and _takes(chosen.returns, call.returns)
    if not fits:
        expected = ", ".join(f"{n}: {t}" for n, t in zip(wanted, call.parameter_types, strict=True))
        raise ModuleSignatureChangedError(call.written, f"({expected}) -> {call.returns}", str(chosen))
