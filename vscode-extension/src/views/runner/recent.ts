/**
 * The list of recent runs of one file.
 *
 * Owns that list's DOM; a choice gives a run's inputs and result back.
 */

import type { RecentRun } from "../../messages";
import { element } from "../element";
import { milliseconds } from "../values/duration";

export class RecentRuns {
  private readonly list = element("ol", {});
  readonly root = element("details", { class: "recent", attrs: { hidden: true } }, element("summary", { text: "Recent runs" }), this.list);

  constructor(private readonly choose: (run: RecentRun) => void) {}

  /** Shows `runs`, newest first. */
  show(runs: RecentRun[]): void {
    this.root.hidden = runs.length === 0;
    this.list.replaceChildren(
      ...runs.map((run) => {
        const time = new Date(run.at).toLocaleTimeString();
        const duration = run.durationMs === null ? "" : ` · ${milliseconds(run.durationMs)}`;
        const text = `${time} · ${run.status}${duration}`;
        const label = `Show the run of ${time} again`;
        return element("li", {}, element("button", { class: "link", text, attrs: { type: "button", title: label }, on: { click: () => this.choose(run) } }));
      }),
    );
  }
}
