/**
 * The input form of a pipeline: one labelled control per input, or all of them as JSON text.
 *
 * Owns the form's DOM and when problems become visible. It does not run anything.
 * Invariant: `read()` always tells what the page shows.
 */

import { printType, type InputField } from "../../protocol";
import { element } from "../element";
import { control, typeBadge } from "./controls";
import { draftOf, emptyDraft, type Problem } from "./draft";
import { applyJson, collectAll, entriesFor, isRequired, type CollectedInputs, type Entry } from "./inputs";

export interface FormEvents {
  /** Any value changed. */
  changed: () => void;
}

export class InputForm {
  private entries: Entry[] = [];
  private json: string | null = null;
  private showMissing = false;
  private jsonProblems: string[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly events: FormEvents,
    /** Prefix of ids, so that two forms can share a page. */
    private readonly prefix = "in",
  ) {}

  /** Shows `fields`, keeping what was entered; `known` holds the values of earlier runs. */
  setFields(fields: InputField[], known: Record<string, unknown> = {}): void {
    const unchanged = JSON.stringify(fields) === JSON.stringify(this.entries.map((entry) => entry.field));
    if (unchanged && this.root.childElementCount > 0) return;
    const focused = document.activeElement?.id;
    this.entries = entriesFor(fields, this.entries, known);
    this.render();
    if (focused) document.getElementById(focused)?.focus();
  }

  /** Forgets the inputs and everything entered. */
  clear(): void {
    this.entries = [];
    this.json = null;
    this.jsonProblems = [];
    this.showMissing = false;
    this.root.replaceChildren();
  }

  /** Replaces everything entered. */
  setValues(values: Record<string, unknown>): void {
    const fields = this.entries.map((entry) => entry.field);
    this.entries = fields.map((field) => ({
      field,
      draft: (field.name in values ? draftOf(field.type, values[field.name]) : undefined) ?? emptyDraft(field.type),
    }));
    this.json = this.json === null ? null : this.jsonText();
    this.render();
  }

  /** What is entered now; problems of the JSON text are reported under the name "JSON". */
  read(): CollectedInputs {
    const collected = collectAll(this.entries);
    if (this.jsonProblems.length > 0) {
      collected.problems.set("JSON", this.jsonProblems.map((message) => ({ path: "inputs", message })));
    }
    return collected;
  }

  /** Marks what is missing or wrong and moves the focus to the first such control. */
  reveal(): void {
    this.showMissing = true;
    this.refresh();
    const collected = this.read();
    const first = this.entries.find(({ field }) => collected.missing.includes(field.name) || collected.problems.has(field.name));
    if (first) this.focus(first.field.name);
  }

  /** Moves the focus to an input's control. */
  focus(name: string): void {
    const host = this.root.querySelector<HTMLElement>(`[data-input="${CSS.escape(name)}"]`);
    host?.querySelector<HTMLElement>(".control input, .control textarea, .control select, .control button")?.focus();
  }

  get inputCount(): number {
    return this.entries.length;
  }

  get asJson(): boolean {
    return this.json !== null;
  }

  /** Switches between the form and the JSON text. Invalid text stays where it is. */
  toggleJson(): void {
    if (this.json === null) {
      this.json = this.jsonText();
    } else if (this.jsonProblems.length === 0) {
      this.json = null;
    }
    this.render();
  }

  private jsonText(): string {
    return JSON.stringify(collectAll(this.entries).values, null, 2);
  }

  private render(): void {
    if (this.json !== null) {
      this.renderJson(this.json);
    } else if (this.entries.length === 0) {
      this.root.replaceChildren(element("p", { class: "hint", text: "This pipeline has no inputs." }));
    } else {
      this.root.replaceChildren(...this.entries.map((entry) => this.renderEntry(entry)));
    }
    this.refresh();
  }

  private renderJson(text: string): void {
    const id = `${this.prefix}-json`;
    const area = element("textarea", {
      class: "json all",
      attrs: { id, rows: 10, spellcheck: "false", "aria-label": "All inputs as JSON", "aria-describedby": `${id}-problems` },
    });
    area.value = text;
    area.addEventListener("input", () => {
      this.json = area.value;
      const applied = applyJson(this.entries, area.value);
      this.entries = applied.entries;
      this.jsonProblems = applied.problems;
      this.refresh();
      this.events.changed();
    });
    this.root.replaceChildren(area, element("div", { class: "problems", attrs: { id: `${id}-problems`, role: "status" } }));
  }

  private renderEntry(entry: Entry): HTMLElement {
    const { field } = entry;
    const id = `${this.prefix}-${field.name}`;
    const changed = (): void => {
      this.refresh();
      this.events.changed();
    };
    const context = { id, label: field.name, describedBy: `${id}-note`, depth: 0, changed };
    const required = isRequired(field) ? element("span", { class: "required", text: "required", attrs: { hidden: true } }) : null;
    return element(
      "div",
      { class: "input", attrs: { "data-input": field.name } },
      element("label", { class: "input-name", attrs: { for: id } }, field.name, typeBadge(field.type), required),
      field.doc ? element("p", { class: "doc", text: field.doc }) : null,
      element("div", { class: "control" }, control(field.type, entry.draft, context), this.exampleButton(entry)),
      element("div", { class: "problems", attrs: { id: `${id}-note`, role: "status" } }),
    );
  }

  private exampleButton(entry: Entry): HTMLElement | null {
    const { field } = entry;
    if (field.example === undefined || field.example === null) return null;
    const text = JSON.stringify(field.example);
    const act = (): void => {
      entry.draft = draftOf(field.type, field.example) ?? entry.draft;
      this.render();
      this.focus(field.name);
      this.events.changed();
    };
    const shown = text.length > 24 ? `${text.slice(0, 23)}…` : text;
    const attrs = { type: "button", title: `Fill in the example ${text}`, "aria-label": `Fill in the example of ${field.name}` };
    return element("button", { class: "small example", text: `Example: ${shown}`, attrs, on: { click: act } });
  }

  /** Updates marks and messages without touching the controls. */
  private refresh(): void {
    const collected = this.read();
    if (this.json !== null) {
      showProblems(this.root.querySelector(".problems"), this.jsonProblems.map((message) => ({ path: "", message })));
      return;
    }
    for (const { field } of this.entries) {
      const host = this.root.querySelector<HTMLElement>(`[data-input="${CSS.escape(field.name)}"]`);
      if (!host) continue;
      const problems = [...(collected.problems.get(field.name) ?? [])];
      if (this.showMissing && collected.missing.includes(field.name)) {
        problems.push({ path: field.name, message: `required: enter a value of type ${printType(field.type)}` });
      }
      host.classList.toggle("invalid", problems.length > 0);
      host.querySelector(".required")?.toggleAttribute("hidden", !collected.missing.includes(field.name));
      host.querySelector(`#${CSS.escape(`${this.prefix}-${field.name}`)}`)?.setAttribute("aria-invalid", String(problems.length > 0));
      showProblems(host.querySelector(".problems"), problems, field.name);
    }
  }
}

/** Lists `problems`; those of the control itself do without its name. */
function showProblems(target: Element | null, problems: Problem[], own = ""): void {
  const lines = problems.map(({ path, message }) => element("div", { text: path === own ? message : `${path}: ${message}` }));
  target?.replaceChildren(...lines);
}
