/**
 * The graph page: toolbar, drawing, banner.
 *
 * Owns the page's state (direction, search). It draws what the extension sends and computes no graph of its own.
 */

import type { Direction, FromGraph, ToGraph } from "../../messages";
import { element } from "../element";
import { graphToolbar, GraphView } from "../graph/view";
import { connect } from "../host-api";

const app = document.getElementById("app")!;
const canvas = element("main", { class: "canvas" });
const banner = element("div", { class: "banner", attrs: { role: "status", hidden: true } });
const notice = element("div", { class: "notice", attrs: { role: "status", hidden: true } });
const matches = element("span", { class: "matches", attrs: { role: "status" } });
const search = element("input", { class: "search", attrs: { type: "search", placeholder: "Find node", "aria-label": "Find node" } });

let direction: Direction = "TB";
let last: (ToGraph & { type: "graph" }) | null = null;
let found: string[] = [];
let at = -1;

const { send, save } = connect<FromGraph, ToGraph>(receive);
const view = new GraphView(canvas, { select: (nodeId, focus) => send({ type: "select", nodeId, focus }) });
const toolbar = graphToolbar({
  "Fit": () => view.fit(),
  "+": () => view.zoom(1.25),
  "−": () => view.zoom(0.8),
  "Direction": turn,
  "Save SVG": () => send({ type: "saveSvg", text: view.exportSvg() }),
  "Run": () => send({ type: "run" }),
});
toolbar.prepend(search, matches);
label("+", "Zoom in");
label("−", "Zoom out");
app.replaceChildren(toolbar, banner, notice, canvas);

search.addEventListener("input", () => {
  found = view.search(search.value);
  at = -1;
  matches.textContent = search.value.trim() === "" ? "" : `${found.length} found`;
});
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    search.value = "";
    search.dispatchEvent(new Event("input"));
  } else if (event.key === "Enter" && found.length > 0) {
    at = (at + 1) % found.length;
    const id = found[at]!;
    view.highlight(id);
    view.centre(id);
    matches.textContent = `${at + 1} of ${found.length}`;
  }
});
send({ type: "ready" });

function label(text: string, name: string): void {
  for (const button of toolbar.querySelectorAll("button")) {
    if (button.textContent !== text) continue;
    button.setAttribute("aria-label", name);
    button.title = name;
  }
}

function turn(): void {
  direction = direction === "TB" ? "LR" : "TB";
  if (last) view.show(last.dag, direction);
  view.fit();
  send({ type: "direction", direction });
}

function receive(message: ToGraph): void {
  switch (message.type) {
    case "graph":
      showGraph(message);
      break;
    case "notice":
      notice.replaceChildren(element("h2", { text: message.title }), element("p", { text: message.detail }));
      notice.hidden = false;
      canvas.hidden = true;
      banner.hidden = true;
      break;
    case "states":
      view.showStates(message.states);
      break;
    case "cursor":
      view.highlight(message.nodeId);
      break;
  }
}

function showGraph(message: ToGraph & { type: "graph" }): void {
  notice.hidden = true;
  canvas.hidden = false;
  banner.hidden = message.stale === null;
  banner.textContent = message.stale ?? "";
  canvas.classList.toggle("stale", message.stale !== null);
  const turned = last !== null && direction !== message.direction;
  direction = message.direction;
  last = message;
  save({ uri: message.uri });
  view.show(message.dag, direction);
  if (turned) view.fit();
}
