/**
 * A JSON value as a collapsible tree.
 *
 * Owns how values are shown to people: quoted strings, counts of lists and records, long ones in portions.
 * Invariant: values reach the page as text only, and at most one portion of children is built at a time.
 */

import { element } from "../element";
import { isContainer, preview, summary } from "./preview";

const PORTION = 100;
const OPEN_UP_TO = 8;

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

/** A tree for `value`, labelled `name` if given. */
export function valueTree(value: unknown, name?: string, depth = 0): HTMLElement {
  const label = name === undefined ? null : element("span", { class: "value-name", text: name });
  const separator = label && element("span", { class: "value-separator", text: ": " });
  const shown = element("span", { class: `value ${kindOf(value)}`, text: depth === 0 ? summary(value) : preview(value) });
  if (!isContainer(value) || Object.keys(value).length === 0) {
    return element("div", { class: "value-line" }, label, separator, shown);
  }
  const children = element("div", { class: "value-children" });
  const details = element("details", { class: "value-line" }, element("summary", {}, label, separator, shown), children);
  const fill = (): void => {
    if (children.childElementCount === 0) showPortion(children, Object.entries(value), 0, depth);
  };
  details.addEventListener("toggle", fill);
  if (depth < 2 && Object.keys(value).length <= OPEN_UP_TO) {
    details.open = true;
    fill();
  }
  return details;
}

function showPortion(target: HTMLElement, entries: [string, unknown][], start: number, depth: number): void {
  const end = Math.min(entries.length, start + PORTION);
  for (const [key, item] of entries.slice(start, end)) target.append(valueTree(item, key, depth + 1));
  if (end === entries.length) return;
  const more = element("button", { class: "small", text: `Show more (${entries.length - end} left)`, attrs: { type: "button" } });
  more.addEventListener("click", () => {
    more.remove();
    showPortion(target, entries, end, depth);
  });
  target.append(more);
}

/** A column table for a list of records; `null` if the value is none. */
export function valueTable(value: unknown): HTMLTableElement | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const rows = value as unknown[];
  if (!rows.every((row): row is Record<string, unknown> => isContainer(row) && !Array.isArray(row))) return null;
  const columns = [...new Set(rows.slice(0, PORTION).flatMap((row) => Object.keys(row)))];
  const head = element("tr", {}, ...columns.map((column) => element("th", { text: column, attrs: { scope: "col" } })));
  const body = rows.slice(0, PORTION).map((row) =>
    element("tr", {}, ...columns.map((column) => element("td", { text: column in row ? preview(row[column], 80) : "" }))),
  );
  const note = rows.length > PORTION ? element("caption", { text: `first ${PORTION} of ${rows.length}` }) : null;
  return element("table", { class: "value-table" }, note, element("thead", {}, head), element("tbody", {}, ...body));
}
