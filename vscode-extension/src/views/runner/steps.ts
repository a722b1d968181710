/**
 * The section of the runner that shows a step session.
 *
 * Owns its DOM: progress, the buttons, and what is done, next and waiting.
 */

import type { StepAction, StepView } from "../../messages";
import { element } from "../element";
import { milliseconds } from "../values/duration";

export interface StepEvents {
  act: (action: StepAction) => void;
  revealNode: (nodeId: string) => void;
}

function name(nodeId: string): string {
  return nodeId.replace(/^\w+:/, "");
}

export class StepSection {
  readonly root = element("section", { class: "steps", attrs: { "aria-label": "Steps", hidden: true } });

  constructor(private readonly events: StepEvents) {}

  /** Shows the session, or hides the section. */
  show(step: StepView | null): void {
    this.root.hidden = step === null;
    if (!step) return this.root.replaceChildren();
    const { state } = step;
    const done = Math.min(state.currentBatch, state.totalBatches);
    const progress = element("progress", { attrs: { max: state.totalBatches, value: done, "aria-label": "Batches" } });
    const title = element("h2", { text: step.complete ? "All batches are done" : `Batch ${done} of ${state.totalBatches - 1}` });
    const note = step.stale ? element("p", { class: "notice", text: "The text changed since the session started." }) : null;
    const focused = document.activeElement?.textContent;
    this.root.replaceChildren(
      element("div", { class: "heading" }, title, progress),
      element("div", { class: "actions" }, this.button("Next", "next", true), this.button("Continue", "continue"), this.button("Stop", "stop")),
      ...(note ? [note] : []),
      ...this.lists(step),
    );
    for (const button of this.root.querySelectorAll("button")) if (button.textContent === focused) button.focus();
  }

  private button(text: string, action: StepAction, primary = false): HTMLElement {
    return element("button", { class: primary ? "primary" : "", text, attrs: { type: "button" }, on: { click: () => this.events.act(action) } });
  }

  private lists({ state, complete }: StepView): HTMLElement[] {
    const current = complete ? [] : state.batchNodes;
    const waiting = state.pendingNodes.filter((id) => !current.includes(id));
    return [
      this.list("Next", current.map((id) => this.item(id, name(id), ""))),
      this.list("Failed", (state.failedNodes ?? []).map((node) => this.item(node.nodeId, name(node.nodeId), ` ✗ ${node.error}`))),
      this.list("Skipped", (state.skippedNodes ?? []).map((id) => this.item(id, name(id), ""))),
      this.list(
        "Done",
        state.completedNodes.map((node) => {
          const time = typeof node.durationMs === "number" ? ` · ${milliseconds(node.durationMs)}` : "";
          return this.item(node.nodeId, name(node.nodeId), ` = ${node.valuePreview ?? ""}${time}`);
        }),
      ),
      this.list("Waiting", waiting.map((id) => this.item(id, name(id), ""))),
    ].filter((list): list is HTMLElement => list !== null);
  }

  private list(title: string, items: HTMLElement[]): HTMLElement | null {
    if (items.length === 0) return null;
    return element("div", { class: "step-list", attrs: { "data-steps": title.toLowerCase() } }, element("h3", { text: title }), element("ul", {}, ...items));
  }

  private item(nodeId: string, text: string, detail: string): HTMLElement {
    const link = element("button", { class: "link", text, attrs: { type: "button" }, on: { click: () => this.events.revealNode(nodeId) } });
    return element("li", {}, link, detail);
  }
}
