"""Progress of a run, as editors show it: it begins, can be cancelled, and ends."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lsprotocol import types as t

if TYPE_CHECKING:
    from constellation_lsp.session import Session


@contextmanager
def run_progress(session: Session, token: str | int | None, uri: str, execution_id: str) -> Generator[None]:
    """Reports a run on the client's token; cancelling the progress cancels the run."""
    if token is None:
        yield
        return
    name = uri.rpartition("/")[2]
    begin = t.WorkDoneProgressBegin(f"Running {name}", cancellable=True)
    session.notify(t.PROGRESS, t.ProgressParams(token, begin))
    session.work.progress[token] = execution_id
    try:
        yield
    finally:
        session.work.progress.pop(token, None)
        session.notify(t.PROGRESS, t.ProgressParams(token, t.WorkDoneProgressEnd()))


def cancel_progress(session: Session, params: t.WorkDoneProgressCancelParams) -> None:
    """window/workDoneProgress/cancel"""
    execution_id = session.work.progress.get(params.token)
    if execution_id is not None:
        session.work.cancel(execution_id)
