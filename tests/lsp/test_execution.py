"""Running, stepping and looking at the open buffer through the custom methods."""

from __future__ import annotations

from typing import Any

import pytest

from constellation.engine.constellation import Constellation
from tests.lsp.editor import JSON, URI, Editor, settle


async def custom(editor: Editor, method: str, **params: Any) -> JSON:
    """The result of a custom method that may take a while."""
    editor.next_id += 1
    wanted = editor.next_id
    editor.send(f"constellation/{method}", params, wanted)
    for _ in range(200):
        found = [a for a in editor.answers if a["id"] == wanted]
        if found:
            result: JSON = found[0]["result"]
            return result
        await settle()
    raise AssertionError("no answer")


@pytest.fixture
def opened(editor: Editor) -> Editor:
    """A document with two inputs, one of them with an example."""
    return editor.open("@example(2)\nin a: Int\nin b: Int\nsum = add(a, b)\ntwice = multiply(sum, 2)\nout twice\n")


async def test_a_run_uses_the_open_buffer(opened: Editor) -> None:
    opened.type(4, 22, "3", over=1)
    result = await custom(opened, "executePipeline", uri=URI, inputs={"a": 1, "b": 2})
    assert (result["status"], result["outputs"]) == ("completed", {"twice": 9})
    again = await custom(opened, "executePipeline", uri=URI, inputs={"a": 1, "b": 2})
    assert (again["cached"], again["structuralHash"]) == (True, result["structuralHash"])


async def test_examples_fill_missing_inputs(opened: Editor) -> None:
    filled = await custom(opened, "executePipeline", uri=URI, inputs={"b": 5})
    assert filled["outputs"] == {"twice": 14}
    bare = await custom(opened, "executePipeline", uri=URI, inputs={"b": 5}, useExamples=False)
    assert bare["status"] == "suspended"
    assert bare["missingInputs"] == {"a": "CInt"}
    assert [field["name"] for field in bare["missing"]] == ["a"]


async def test_a_suspended_run_goes_on(opened: Editor) -> None:
    first = await custom(opened, "executePipeline", uri=URI, inputs={})
    assert (first["success"], first["pendingOutputs"]) == (True, ["twice"])
    second = await custom(opened, "resumeExecution", executionId=first["executionId"], inputs={"b": 1})
    assert second["outputs"] == {"twice": 6}
    unknown = await custom(opened, "resumeExecution", executionId="nobody", inputs={})
    assert unknown["success"] is False


async def test_all_wrong_inputs_are_named(opened: Editor) -> None:
    result = await custom(opened, "executePipeline", uri=URI, inputs={"a": "x", "b": [1]})
    assert [e["category"] for e in result["errors"]] == ["runtime", "runtime"]
    assert "'a'" in result["errors"][0]["message"]
    misspelt = await custom(opened, "executePipeline", uri=URI, inputs={"a": 1, "bb": 1})
    assert "Did you mean 'b'" in misspelt["error"]


async def test_compile_errors_have_a_place_and_an_excerpt(editor: Editor) -> None:
    editor.open('in t: String\n# 🚀\nr = concat("🚀", Uppercas(t))\nout r\n')
    result = await custom(editor, "executePipeline", uri=URI, inputs={"t": "a"})
    error = result["errors"][0]
    assert (error["line"], error["column"], error["endColumn"]) == (3, 18, 26)
    assert error["codeContext"].splitlines()[2].count("^") == 8
    assert error["suggestion"] == "Did you mean 'Uppercase'?"


async def test_a_failed_node_is_named_with_its_place(editor: Editor) -> None:
    editor.open("in a: Int\nr = divide(a, 0)\nout r\n")
    result = await custom(editor, "executePipeline", uri=URI, inputs={"a": 1})
    assert (result["success"], result["status"]) == (False, "failed")
    assert (result["errors"][0]["nodeId"], result["errors"][0]["line"]) == ("v:r", 2)


async def test_an_execution_can_be_cancelled_by_its_id(editor: Editor) -> None:
    editor.open("in text: String\nr = DeepAnalysis(text)\nout r\n")
    params = {"uri": URI, "inputs": {"text": "a"}, "executionId": "mine"}
    editor.send("constellation/executePipeline", params, "run")
    await settle()
    assert (await custom(editor, "cancelExecution", executionId="other"))["success"] is False
    assert (await custom(editor, "cancelExecution", executionId="mine"))["success"] is True
    await settle()
    result = next(a for a in editor.answers if a["id"] == "run")["result"]
    assert (result["status"], result["success"]) == ("cancelled", False)


async def test_events_go_to_clients_that_ask_for_them(engine: Constellation) -> None:
    wanted = {"experimental": {"constellation": {"notifications": ["constellation/executionEvent"]}}}
    text = "in t: String\nb = Uppercase(t)\nc = acme.text.shout(Trim(b))\nout c\nout divide(1, 0) as d\n"
    editor = Editor(engine).start(wanted).open(text)
    await custom(editor, "executePipeline", uri=URI, inputs={"t": " x "})
    events = [m["params"] for m in editor.messages if m.get("method") == "constellation/executionEvent"]
    assert [e["seq"] for e in events] == list(range(len(events)))
    told = [(e["type"], e.get("nodeId")) for e in events]
    assert (told[0], told[-1]) == (("started", None), ("finished", None))
    assert told.index(("nodeStarted", "v:c")) < told.index(("nodeCompleted", "v:c"))
    assert ("nodeCompleted", "v:b") in told and ("nodeFailed", "out:d/0") in told
    drawn = (await custom(editor, "getDagVisualization", uri=URI))["dag"]["nodes"]
    assert {node for _, node in told if node} <= {n["id"] for n in drawn}


async def test_a_followed_run_can_be_cancelled(engine: Constellation) -> None:
    wanted = {"experimental": {"constellation": {"notifications": ["constellation/executionEvent"]}}}
    editor = Editor(engine).start(wanted).open("in text: String\nr = DeepAnalysis(text)\nout r\n")
    editor.send("constellation/executePipeline", {"uri": URI, "inputs": {"text": "a"}}, "run")
    await settle()
    editor.send("$/cancelRequest", {"id": "run"})
    await settle()
    assert editor.answers[-1]["error"]["code"] == -32800
    assert engine.lifecycle.inflight_count == 0


async def test_the_schema_survives_mistakes_elsewhere(editor: Editor) -> None:
    editor.open("# The text.\nin text: String\nin n: Optional<Int>\nr = nope(text)\nout r\n")
    result = await custom(editor, "getInputSchema", uri=URI)
    assert result["success"]
    assert [(f["name"], f["required"], f.get("doc")) for f in result["inputs"]] == [
        ("text", True, "The text."), ("n", False, None),
    ]  # fmt: skip


async def test_nested_types_are_described_with_their_names(editor: Editor) -> None:
    editor.open("type P = { x: Int }\nin ps: List<P>\nin m: Map<String, P>\nin q: P + { y: Int }\nout ps\n")
    inputs = (await custom(editor, "getInputSchema", uri=URI))["inputs"]
    assert inputs[0]["type"]["elementType"]["kind"] == "ref"
    assert inputs[1]["type"]["valueType"]["name"] == "P"
    assert [f["name"] for f in inputs[2]["type"]["fields"]] == ["x", "y"]


async def test_stepping_skips_what_depends_on_a_failure(editor: Editor) -> None:
    editor.open(
        "in a: Int\nbad = divide(a, 0)\nworse = add(bad, 1)\ngood = add(multiply(a, 2), 1)\nout worse\nout good\n"
    )
    start = await custom(editor, "stepStart", uri=URI, inputs={"a": 3})
    assert start["totalBatches"] == 3
    assert set(start["nodeRanges"]) == {"v:bad", "v:worse", "v:good", "v:good/0"}
    identifier = start["sessionId"]
    result = await custom(editor, "stepContinue", sessionId=identifier)
    assert result["outputs"] == {"good": 7}
    assert [n["nodeId"] for n in result["state"]["failedNodes"]] == ["v:bad"]
    assert result["state"]["skippedNodes"] == ["v:worse"]
    seen = await custom(editor, "stepInspect", sessionId=identifier, nodeId="v:good/0")
    assert (seen["value"], seen["type"], seen["inputs"]) == (6, "Int", {"in:a": 3})


async def test_stepping_needs_every_input_and_is_bounded(editor: Editor) -> None:
    editor.open("in a: Int\nb = add(a, 1)\nout b\n")
    missing = await custom(editor, "stepStart", uri=URI, inputs={})
    assert "'a'" in missing["error"]
    started = [await custom(editor, "stepStart", uri=URI, inputs={"a": 1}) for _ in range(17)]
    assert [s["success"] for s in started].count(False) == 1
    await custom(editor, "stepStop", sessionId=started[0]["sessionId"])
    assert (await custom(editor, "stepStart", uri=URI, inputs={"a": 1}))["success"]


async def test_editing_makes_a_walk_stale(editor: Editor) -> None:
    editor.open("in a: Int\nb = add(a, 1)\nout b\n")
    start = await custom(editor, "stepStart", uri=URI, inputs={"a": 1})
    editor.type(1, 11, "2")
    state = (await custom(editor, "stepNext", sessionId=start["sessionId"]))["state"]
    assert state["stale"] is True


async def test_commands_do_what_the_methods_do(opened: Editor) -> None:
    params = {"command": "constellation.server.run", "arguments": [{"uri": URI, "inputs": {"b": 1}}]}
    opened.send("workspace/executeCommand", params, "c")
    await settle()
    assert opened.answers[-1]["result"]["outputs"] == {"twice": 6}
    opened.send("workspace/executeCommand", {"command": "nobody.knows"}, "d")
    await settle()
    assert opened.answers[-1]["error"]["code"] == -32602


@pytest.mark.parametrize(
    ("form", "start"), [("svg", "<svg"), ("mermaid", "flowchart"), ("dot", "digraph"), ("ascii", "[a")]
)
async def test_graphs_are_drawn(opened: Editor, form: str, start: str) -> None:
    drawn = await custom(opened, "renderDag", uri=URI, format=form)
    assert drawn["content"].startswith(start)
    assert opened.ask("constellation/renderDag", {"uri": URI, "format": "png"})["error"]["code"] == -32602


async def test_the_graphs_ids_are_those_of_the_language(opened: Editor) -> None:
    drawn = (await custom(opened, "getDagVisualization", uri=URI))["dag"]
    assert [n["id"] for n in drawn["nodes"]] == ["in:a", "in:b", "v:sum", "v:twice", "v:twice/1", "out:twice"]
    assert drawn["groups"] == [
        {"id": "g:v:twice", "label": "twice", "nodeIds": ["v:twice", "v:twice/1"], "collapsed": False}
    ]


async def test_modules_and_syntax_trees_can_be_listed(opened: Editor) -> None:
    modules = (await custom(opened, "listModules", query="acme"))["modules"]
    assert [m["qualifiedName"] for m in modules] == ["acme.text.shout", "acme.num.twice"]
    assert "tree" in await custom(opened, "syntaxTree", uri=URI)


async def test_stepping_shows_the_nodes_of_the_drawn_graph(editor: Editor) -> None:
    editor.open(
        "in a: Int\nin n: Optional<Int>\nsame = a\nbig = add(if (a > 1) multiply(a, 2) else 0, 1)\n"
        "idle = add(a, 1) with lazy\nr = if (a > 9) idle else big\nout r\nout same\n"
    )
    start = await custom(editor, "stepStart", uri=URI, inputs={"a": 3})
    assert start["totalBatches"] == 4
    assert start["initialState"]["batchNodes"] == ["v:big/0"]
    assert [n["nodeId"] for n in start["initialState"]["completedNodes"]] == ["in:a", "in:n"]
    assert start["initialState"]["pendingNodes"] == ["v:big/0", "v:big", "v:idle", "v:r"]
    result = await custom(editor, "stepContinue", sessionId=start["sessionId"])
    assert result["outputs"] == {"r": 7, "same": 3}
    assert result["state"]["skippedNodes"] == ["v:idle"]
    names = {n["nodeId"]: n["nodeName"] for n in result["state"]["completedNodes"]}
    assert names == {"in:a": "a", "in:n": "n", "v:big/0": "if/else", "v:big": "add", "v:r": "r"}


async def test_stepping_refuses_inputs_nothing_declares(editor: Editor) -> None:
    editor.open("in amount: Int\nb = add(amount, 1)\nout b\n")
    answer = await custom(editor, "stepStart", uri=URI, inputs={"amuont": 3})
    assert "Did you mean 'amount'" in answer["error"]


async def test_the_graph_shows_what_an_execution_did(editor: Editor) -> None:
    editor.open("in a: Int\nin b: Int\nc = a / b\nd = a + 1\ne = c + d\nout d\nout e\n")
    run = await custom(editor, "executePipeline", uri=URI, inputs={"a": 1, "b": 0})
    drawn = await custom(editor, "getDagVisualization", uri=URI, executionId=run["executionId"])
    states = {n["id"]: n.get("executionState") for n in drawn["dag"]["nodes"]}
    assert states["in:b"] == {"status": "Completed", "value": 0}
    assert states["v:c"]["status"] == "Failed"
    assert "division by zero" in states["v:c"]["error"]
    assert (states["v:d"]["status"], states["v:d"]["value"]) == ("Completed", 2)
    assert states["v:e"] == {"status": "Skipped"}
    assert states["out:d"] == {"status": "Completed", "value": 2}
    assert states["v:d/1"] is None
    plain = await custom(editor, "getDagVisualization", uri=URI)
    assert all("executionState" not in n for n in plain["dag"]["nodes"])
    unknown = await custom(editor, "getDagVisualization", uri=URI, executionId="nobody")
    assert (unknown["success"], unknown["error"]) == (False, "Execution not found: nobody")


async def test_large_values_are_shown_as_previews(editor: Editor) -> None:
    editor.open("in xs: List<Int>\nys = reverse(xs)\nout ys\n")
    run = await custom(editor, "executePipeline", uri=URI, inputs={"xs": list(range(20_000))})
    drawn = await custom(editor, "getDagVisualization", uri=URI, executionId=run["executionId"])
    states = {n["id"]: n["executionState"] for n in drawn["dag"]["nodes"]}
    assert (states["out:ys"]["value"], states["out:ys"]["truncated"]) == ("[20000 items]", True)


async def test_a_run_can_stop_at_a_node(editor: Editor) -> None:
    editor.open("in a: Int\nb = a + 1\nout b\nc = b / 0\nout c as last\n")
    here = await custom(editor, "executePipeline", uri=URI, inputs={"a": 1}, untilNode="v:b/0")
    assert (here["status"], here["outputs"]) == ("completed", {"b": 2})
    out = await custom(editor, "executePipeline", uri=URI, inputs={"a": 1}, untilNode="out:last")
    assert out["status"] == "failed"
    assert out["errors"][0]["line"] == 4
    nowhere = await custom(editor, "executePipeline", uri=URI, inputs={"a": 1}, untilNode="v:nope")
    assert nowhere["error"] == "Node not found: v:nope"


async def test_the_schema_is_also_json_schema(opened: Editor) -> None:
    schema = (await custom(opened, "getInputSchema", uri=URI))["jsonSchema"]
    assert schema["required"] == ["a", "b"]
    assert schema["properties"]["a"]["type"] == "integer"


async def test_a_part_of_the_syntax_tree(editor: Editor) -> None:
    editor.open("# é\nin a: Int\nout a\n")
    place = {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 5}}
    assert (await custom(editor, "syntaxTree", uri=URI, range=place))["tree"].startswith("(output")
    assert (await custom(editor, "syntaxTree", uri=URI))["tree"].startswith("(source_file")


async def test_a_client_without_the_protocol_sees_results_as_messages(engine: Constellation) -> None:
    def shown(editor: Editor) -> list[JSON]:
        return [m["params"] for m in editor.messages if m.get("method") == "window/showMessage"]

    command = {"command": "constellation.server.run", "arguments": [{"uri": URI, "inputs": {"a": 3}}]}
    plain = Editor(engine).start().open("in a: Int\nout a\n")
    plain.send("workspace/executeCommand", command, "run")
    await settle()
    assert shown(plain) == [{"type": 3, "message": '{"a":3}'}]
    own = Editor(engine).start({"experimental": {"constellation": {}}}).open("in a: Int\nout a\n")
    own.send("workspace/executeCommand", command, "run")
    await settle()
    assert shown(own) == []
