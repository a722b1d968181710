"""Services that are slow, flaky or broken on purpose, to try call options on."""

from __future__ import annotations

from constellation.modules.decorator import module
from constellation.stdlib.demo.delays import Delays


class ResilienceExamples:
    """Pretended services. The counters belong to the instance."""

    def __init__(self, delays: Delays) -> None:
        self._delays = delays
        self.flaky_calls = 0
        self.timeout_prone_calls = 0

    def reset(self) -> None:
        """Set all counters to zero."""
        self.flaky_calls = self.timeout_prone_calls = 0

    @module(tags=("demo", "resilience"))
    async def slow_query(self, query: str) -> str:
        """A query that takes 500 ms."""
        await self._delays.wait(0.5)
        return f"Result for: {query}"

    @module(tags=("demo", "resilience"))
    async def slow_api_call(self, endpoint: str) -> str:
        """A call that takes a second."""
        await self._delays.wait(1.0)
        return f"API response from: {endpoint}"

    @module(tags=("demo", "resilience"))
    async def expensive_compute(self, data: str) -> str:
        """A computation that takes two seconds: the text in upper case."""
        await self._delays.wait(2.0)
        return f"Computed: {data.upper()}"

    @module(tags=("demo", "resilience"), effectful=True)
    async def flaky_service(self, request: str) -> str:
        """Succeeds on every third call only: enough for `retry: 2` on a fresh engine. Otherwise fails with `Service
        temporarily unavailable (attempt <n>)`."""
        self.flaky_calls += 1
        attempt = self.flaky_calls
        if attempt % 3:
            raise RuntimeError(f"Service temporarily unavailable (attempt {attempt})")
        return f"Success for: {request}"

    @module(tags=("demo", "resilience"), effectful=True)
    async def timeout_prone_service(self, request: str) -> str:
        """Takes three seconds the first time and 100 ms afterwards."""
        self.timeout_prone_calls += 1
        await self._delays.wait(3.0 if self.timeout_prone_calls == 1 else 0.1)
        return f"Response for: {request}"

    @module(tags=("demo", "resilience"))
    async def rate_limited_api(self, request: str) -> str:
        """Takes 50 ms; meant to be called with `throttle`."""
        await self._delays.wait(0.05)
        return f"Rate-limited response for: {request}"

    @module(tags=("demo", "resilience"))
    async def resource_intensive_task(self, task: str) -> str:
        """Takes 200 ms; meant to be called with `concurrency`."""
        await self._delays.wait(0.2)
        return f"Completed: {task}"

    @module(tags=("demo", "resilience"))
    async def quick_check(self, data: str) -> str:
        """`needs-deep-analysis` for a text that contains `complex` in any case, else `valid`; takes 10 ms."""
        await self._delays.wait(0.01)
        return "needs-deep-analysis" if "complex" in data.lower() else "valid"

    @module(tags=("demo", "resilience"))
    async def deep_analysis(self, data: str) -> str:
        """An analysis that takes a second and a half."""
        await self._delays.wait(1.5)
        return f"Deep analysis of: {data}"

    @module(tags=("demo", "resilience"))
    async def always_fails_service(self, request: str) -> str:
        """Always fails with `Service failed for: <request>`."""
        raise RuntimeError(f"Service failed for: {request}")
