/**
 * One control per type: the DOM that edits a draft in place.
 *
 * Owns how a value of each type is entered. It does not decide whether the value is complete (draft.ts does).
 * Invariant: after every change the draft already holds it when `changed` is called.
 */

import { printType, resolved, type TypeDescriptor } from "../../protocol";
import { element } from "../element";
import { elementType, emptyDraft, optionalType, type Draft } from "./draft";

export interface ControlContext {
  /** Prefix of the ids of the elements. */
  id: string;
  /** Accessible name. */
  label: string;
  /** Id of the element that describes the control (help, errors). */
  describedBy?: string;
  depth: number;
  changed: () => void;
}

type Of<K extends Draft["kind"]> = Draft & { kind: K };

/** A control that edits `draft`. */
export function control(declared: TypeDescriptor, draft: Draft, context: ControlContext): HTMLElement {
  const type = resolved(declared);
  switch (draft.kind) {
    case "text":
      return textControl(draft, context);
    case "number":
      return numberControl(type, draft, context);
    case "boolean":
      return booleanControl(draft, context);
    case "json":
      return jsonControl(draft, context);
    case "optional":
      return optionalControl(optionalType(type) ?? type, draft, context);
    case "list":
      return listControl(elementType(type) ?? type, draft, context);
    case "record":
      return type.kind === "record" ? recordControl(type, draft, context) : element("div");
    case "map":
      return type.kind === "map" ? mapControl(type.valueType, draft, context) : element("div");
    case "union":
      return type.kind === "union" ? unionControl(type.members, draft, context) : element("div");
  }
}

function inside(context: ControlContext, part: string, label: string): ControlContext {
  return { ...context, id: `${context.id}-${part}`, label: `${context.label} ${label}`, describedBy: undefined, depth: context.depth + 1 };
}

function naming(context: ControlContext): Record<string, string | undefined> {
  return { id: context.id, "aria-label": context.label, "aria-describedby": context.describedBy };
}

function textControl(draft: Of<"text">, context: ControlContext): HTMLElement {
  const long = (draft.text ?? "").length > 80 || (draft.text ?? "").includes("\n");
  const attrs = { ...naming(context), placeholder: "not set", spellcheck: "false" };
  const field = long
    ? element("textarea", { class: "text", attrs: { ...attrs, rows: 4 } })
    : element("input", { class: "text", attrs: { ...attrs, type: "text", autocomplete: "off" } });
  field.value = draft.text ?? "";
  field.addEventListener("input", () => {
    draft.text = field.value;
    context.changed();
  });
  return field;
}

function numberControl(type: TypeDescriptor, draft: Of<"number">, context: ControlContext): HTMLElement {
  const mode = printType(type) === "Int" ? "numeric" : "decimal";
  const attrs = { ...naming(context), type: "text", inputmode: mode, placeholder: "not set", autocomplete: "off" };
  const field = element("input", { class: "number", attrs });
  field.value = draft.text ?? "";
  field.addEventListener("input", () => {
    draft.text = field.value === "" ? null : field.value;
    context.changed();
  });
  return field;
}

function booleanControl(draft: Of<"boolean">, context: ControlContext): HTMLElement {
  const group = element("div", { class: "segments", attrs: { ...naming(context), role: "radiogroup" } });
  const choices: [string, boolean | null][] = [["not set", null], ["false", false], ["true", true]];
  for (const [text, value] of choices) {
    const radio = element("input", { attrs: { type: "radio", name: context.id, id: `${context.id}-${text.replace(" ", "-")}` } });
    radio.checked = draft.value === value;
    radio.addEventListener("change", () => {
      draft.value = value;
      context.changed();
    });
    group.append(element("label", {}, radio, element("span", { text })));
  }
  return group;
}

function jsonControl(draft: Of<"json">, context: ControlContext): HTMLElement {
  const area = element("textarea", { class: "json", attrs: { ...naming(context), rows: 4, placeholder: "JSON", spellcheck: "false" } });
  area.value = draft.text ?? "";
  area.addEventListener("input", () => {
    draft.text = area.value === "" ? null : area.value;
    context.changed();
  });
  return area;
}

function optionalControl(inner: TypeDescriptor, draft: Of<"optional">, context: ControlContext): HTMLElement {
  const box = element("div", { class: "optional" });
  const show = (): void => {
    const toggle = element("input", { attrs: { type: "checkbox", id: context.id, "aria-describedby": context.describedBy } });
    toggle.checked = draft.present;
    toggle.addEventListener("change", () => {
      draft.present = toggle.checked;
      show();
      context.changed();
      box.querySelector<HTMLElement>(`#${CSS.escape(context.id)}`)?.focus();
    });
    const caption = element("span", { text: draft.present ? "value" : "none" });
    box.replaceChildren(element("label", { class: "toggle", attrs: { "aria-label": `${context.label} has a value` } }, toggle, caption));
    if (draft.present) box.append(control(inner, draft.inner, inside(context, "some", "value")));
  };
  show();
  return box;
}

function smallButton(text: string, label: string, act: () => void): HTMLButtonElement {
  return element("button", { class: "small", text, attrs: { type: "button", title: label, "aria-label": label }, on: { click: act } });
}

function listControl(item: TypeDescriptor, draft: Of<"list">, context: ControlContext): HTMLElement {
  const box = element("div", { class: "rows", attrs: { ...naming(context), role: "group", tabindex: -1 } });
  const update = (focus: number | null): void => {
    show();
    context.changed();
    const rows = box.querySelectorAll<HTMLElement>(".row");
    const target = focus === null ? box.querySelector(".add") : rows[focus]?.querySelector("input, textarea, select");
    (target as HTMLElement | null)?.focus();
  };
  const row = (items: Draft[], entry: Draft, index: number): HTMLElement => {
    const inner = control(item, entry, inside(context, String(index), `item ${index + 1}`));
    if (entry.kind === "text") inner.addEventListener("paste", (event) => pasteLines(event as ClipboardEvent, items, index, update));
    const up = smallButton("↑", `Move item ${index + 1} up`, () => {
      items.splice(index - 1, 0, ...items.splice(index, 1));
      update(index - 1);
    });
    up.disabled = index === 0;
    const remove = smallButton("✕", `Remove item ${index + 1}`, () => {
      items.splice(index, 1);
      update(items.length === 0 ? null : Math.min(index, items.length - 1));
    });
    return element("div", { class: "row" }, inner, up, remove);
  };
  const show = (): void => {
    const items = draft.items;
    const add = smallButton("+ Add item", `Add an item to ${context.label}`, () => {
      (draft.items ??= []).push(emptyDraft(item));
      update(draft.items.length - 1);
    });
    add.classList.add("add");
    const state = items === null ? "not set" : items.length === 0 ? "empty list" : "";
    const empty = smallButton("Empty list", `Set ${context.label} to the empty list`, () => {
      draft.items = [];
      update(null);
    });
    box.replaceChildren(
      ...(items ?? []).map((entry, index) => row(items ?? [], entry, index)),
      element("div", { class: "row-actions" }, add, items === null && empty, state !== "" && element("span", { class: "hint", text: state })),
    );
  };
  show();
  return box;
}

/** Several pasted lines become several rows. */
function pasteLines(event: ClipboardEvent, items: Draft[], index: number, update: (focus: number) => void): void {
  const lines = (event.clipboardData?.getData("text/plain") ?? "").split(/\r?\n/).filter((line) => line !== "");
  if (lines.length < 2) return;
  event.preventDefault();
  items.splice(index, 1, ...lines.map((text): Draft => ({ kind: "text", text })));
  update(index + lines.length - 1);
}

function recordControl(type: TypeDescriptor & { kind: "record" }, draft: Of<"record">, context: ControlContext): HTMLElement {
  const body = element("div", { class: "fields", attrs: { ...naming(context), role: "group", tabindex: -1 } });
  for (const field of type.fields) {
    let inner = draft.fields.get(field.name);
    if (!inner) draft.fields.set(field.name, (inner = emptyDraft(field.type)));
    const nested = inside(context, field.name, field.name);
    const caption = element("label", { class: "field-name", attrs: { for: nested.id } }, field.name, typeBadge(field.type));
    body.append(element("div", { class: "field" }, caption, control(field.type, inner, nested)));
  }
  if (context.depth < 2) return body;
  return element("details", {}, element("summary", { text: printType(type) }), body);
}

function mapControl(valueType: TypeDescriptor, draft: Of<"map">, context: ControlContext): HTMLElement {
  const box = element("div", { class: "rows", attrs: { ...naming(context), role: "group", tabindex: -1 } });
  const update = (focusLast: boolean): void => {
    show();
    context.changed();
    const keys = box.querySelectorAll<HTMLElement>("input.key");
    (focusLast ? keys[keys.length - 1] : box.querySelector<HTMLElement>(".add"))?.focus();
  };
  const show = (): void => {
    const rows = (draft.rows ?? []).map((row, index) => {
      const key = element("input", { class: "key", attrs: { type: "text", placeholder: "key", "aria-label": `${context.label} key ${index + 1}` } });
      key.value = row.key;
      key.addEventListener("input", () => {
        row.key = key.value;
        context.changed();
      });
      const remove = smallButton("✕", `Remove entry ${index + 1}`, () => {
        draft.rows?.splice(index, 1);
        update(false);
      });
      return element("div", { class: "row" }, key, control(valueType, row.value, inside(context, String(index), `value ${index + 1}`)), remove);
    });
    const add = smallButton("+ Add entry", `Add an entry to ${context.label}`, () => {
      (draft.rows ??= []).push({ key: "", value: emptyDraft(valueType) });
      update(true);
    });
    add.classList.add("add");
    const state = draft.rows === null ? "not set" : draft.rows.length === 0 ? "empty map" : "";
    box.replaceChildren(...rows, element("div", { class: "row-actions" }, add, state !== "" && element("span", { class: "hint", text: state })));
  };
  show();
  return box;
}

function unionControl(members: TypeDescriptor[], draft: Of<"union">, context: ControlContext): HTMLElement {
  const box = element("div", { class: "union" });
  const select = element("select", { attrs: naming(context) }, element("option", { text: "not set", attrs: { value: "" } }));
  for (const [index, member] of members.entries()) {
    select.append(element("option", { text: printType(member), attrs: { value: index } }));
  }
  select.value = draft.member === null ? "" : String(draft.member);
  const show = (): void => {
    const member = draft.member === null ? undefined : members[draft.member];
    box.replaceChildren(select);
    if (member && draft.inner) box.append(control(member, draft.inner, inside(context, "value", printType(member))));
  };
  select.addEventListener("change", () => {
    draft.member = select.value === "" ? null : Number(select.value);
    const member = draft.member === null ? undefined : members[draft.member];
    draft.inner = member ? emptyDraft(member) : null;
    show();
    context.changed();
    select.focus();
  });
  show();
  return box;
}

/** The small print that names a type. */
export function typeBadge(type: TypeDescriptor): HTMLElement {
  const text = printType(type);
  return element("span", { class: "type", text: text.length > 40 ? `${text.slice(0, 39)}…` : text, attrs: { title: text } });
}
