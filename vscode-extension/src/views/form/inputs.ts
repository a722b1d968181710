/**
 * The drafts of all inputs of one pipeline, kept while its text changes.
 *
 * Owns which entered values survive an edit: those whose input kept its name and type, and those that still fit.
 * Invariant: `collectAll` never contains an input that is unset.
 */

import { printType, resolved, type InputField, type TypeDescriptor } from "../../protocol";
import { collect, draftOf, emptyDraft, optionalType, type Draft, type Problem } from "./draft";

export interface Entry {
  field: InputField;
  draft: Draft;
}

export interface CollectedInputs {
  values: Record<string, unknown>;
  /** By input name. */
  problems: Map<string, Problem[]>;
  /** Required inputs with nothing entered. */
  missing: string[];
}

/** Whether a run waits when this input is absent. */
export function isRequired(field: InputField): boolean {
  return field.required ?? optionalType(resolved(field.type)) === undefined;
}

function shape(type: TypeDescriptor): string {
  const target = resolved(type);
  return target === type ? printType(type) : `${printType(type)} = ${printType(target)}`;
}

function initial(field: InputField, known: Record<string, unknown>): Draft {
  for (const source of [known[field.name], field.example, field.default]) {
    const draft = source === undefined ? undefined : draftOf(field.type, source);
    if (draft) return draft;
  }
  return emptyDraft(field.type);
}

/** Entries for `fields`; what `previous` holds stays where name and type are unchanged or the value still fits. */
export function entriesFor(fields: InputField[], previous: Entry[], known: Record<string, unknown>): Entry[] {
  const before = new Map(previous.map((entry) => [entry.field.name, entry]));
  return fields.map((field) => {
    const old = before.get(field.name);
    if (!old) return { field, draft: initial(field, known) };
    if (shape(old.field.type) === shape(field.type)) return { field, draft: old.draft };
    const collected = collect(old.field.type, old.draft, field.name);
    const kept = collected.state === "valid" ? draftOf(field.type, collected.value) : undefined;
    return { field, draft: kept ?? initial(field, {}) };
  });
}

/** Everything entered. */
export function collectAll(entries: Entry[]): CollectedInputs {
  const result: CollectedInputs = { values: {}, problems: new Map(), missing: [] };
  for (const { field, draft } of entries) {
    const collected = collect(field.type, draft, field.name);
    if (collected.state === "valid") result.values[field.name] = collected.value;
    else if (collected.state === "invalid") result.problems.set(field.name, collected.problems);
    else if (isRequired(field)) result.missing.push(field.name);
  }
  return result;
}

export type Applied = { entries: Entry[]; problems: string[] };

/** The entries after a person edited all inputs as one JSON text. */
export function applyJson(entries: Entry[], text: string): Applied {
  let parsed: unknown;
  try {
    parsed = text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    return { entries, problems: [`not JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return { entries, problems: ['expected an object of inputs, such as { "name": "Ada" }'] };
  }
  const values = parsed as Record<string, unknown>;
  const problems = Object.keys(values)
    .filter((name) => !entries.some((entry) => entry.field.name === name))
    .map((name) => `${name}: the pipeline has no such input`);
  const next = entries.map(({ field }) => {
    if (!(field.name in values)) return { field, draft: emptyDraft(field.type) };
    const draft = draftOf(field.type, values[field.name]);
    if (!draft) problems.push(`${field.name}: expected ${printType(field.type)}, got ${JSON.stringify(values[field.name])}`);
    return { field, draft: draft ?? emptyDraft(field.type) };
  });
  return { entries: problems.length > 0 ? entries : next, problems };
}
