/**
 * What a person has entered for one value so far, and whether it is a value yet.
 *
 * Owns the three states of a field (unset, valid, invalid) for every type; knows nothing of the page that shows it.
 * Invariant: `draftOf` then `collect` gives the same JSON value back, and an unset draft is never a value.
 */

import { printType, resolved, type TypeDescriptor } from "../../protocol";

export type Draft =
  | { kind: "text"; text: string | null }
  | { kind: "number"; text: string | null }
  | { kind: "boolean"; value: boolean | null }
  | { kind: "optional"; present: boolean; inner: Draft }
  | { kind: "list"; items: Draft[] | null }
  | { kind: "record"; fields: Map<string, Draft> }
  | { kind: "map"; rows: { key: string; value: Draft }[] | null }
  | { kind: "union"; member: number | null; inner: Draft | null }
  | { kind: "json"; text: string | null };

export interface Problem {
  /** Where: `user.tags[2]`. */
  path: string;
  message: string;
}

export type Collected =
  | { state: "unset" }
  | { state: "valid"; value: unknown }
  | { state: "invalid"; problems: Problem[] };

/** Lists longer than this are edited as JSON text. */
export const LONGEST_LIST = 200;

const UNSET: Collected = { state: "unset" };

/** The element type if a value of this type is written as a JSON list. */
export function elementType(type: TypeDescriptor): TypeDescriptor | undefined {
  if (type.kind === "list") return type.elementType;
  if (type.kind === "parameterized" && ["List", "Seq", "Candidates"].includes(type.name)) return type.params[0];
  return undefined;
}

/** The inner type if the type is `Optional<T>`. */
export function optionalType(type: TypeDescriptor): TypeDescriptor | undefined {
  return type.kind === "parameterized" && type.name === "Optional" ? type.params[0] : undefined;
}

/** A draft with nothing entered. */
export function emptyDraft(declared: TypeDescriptor): Draft {
  const type = resolved(declared);
  const inner = optionalType(type);
  if (inner) return { kind: "optional", present: false, inner: emptyDraft(inner) };
  if (elementType(type)) return { kind: "list", items: null };
  switch (type.kind) {
    case "primitive":
      return emptyPrimitive(type.name);
    case "record":
      return { kind: "record", fields: new Map(type.fields.map((field) => [field.name, emptyDraft(field.type)])) };
    case "map":
      return isString(type.keyType) ? { kind: "map", rows: null } : { kind: "json", text: null };
    case "union":
      return { kind: "union", member: null, inner: null };
    default:
      return { kind: "json", text: null };
  }
}

function emptyPrimitive(name: string): Draft {
  if (name === "String") return { kind: "text", text: null };
  if (name === "Int" || name === "Float") return { kind: "number", text: null };
  if (name === "Boolean") return { kind: "boolean", value: null };
  return { kind: "json", text: null };
}

function isString(type: TypeDescriptor): boolean {
  const target = resolved(type);
  return target.kind === "primitive" && target.name === "String";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The draft that shows `value`; `undefined` if the value cannot be of this type. */
export function draftOf(declared: TypeDescriptor, value: unknown): Draft | undefined {
  const type = resolved(declared);
  const inner = optionalType(type);
  if (inner) return optionalDraft(inner, value);
  const element = elementType(type);
  if (element) return listDraft(element, value);
  switch (type.kind) {
    case "primitive":
      return primitiveDraft(type.name, value);
    case "record":
      return recordDraft(type, value);
    case "map":
      return mapDraft(type, value);
    case "union":
      return unionDraft(type.members, value);
    default:
      return jsonDraft(value);
  }
}

function jsonDraft(value: unknown): Draft {
  return { kind: "json", text: JSON.stringify(value, null, 2) ?? null };
}

function optionalDraft(inner: TypeDescriptor, value: unknown): Draft | undefined {
  if (value === null) return { kind: "optional", present: false, inner: emptyDraft(inner) };
  const draft = draftOf(inner, value);
  return draft && { kind: "optional", present: true, inner: draft };
}

function listDraft(element: TypeDescriptor, value: unknown): Draft | undefined {
  if (!Array.isArray(value)) return undefined;
  if (value.length > LONGEST_LIST) return jsonDraft(value);
  const items = value.map((item) => draftOf(element, item));
  return items.every((item): item is Draft => item !== undefined) ? { kind: "list", items } : undefined;
}

function primitiveDraft(name: string, value: unknown): Draft | undefined {
  if (name === "String") return typeof value === "string" ? { kind: "text", text: value } : undefined;
  if (name === "Boolean") return typeof value === "boolean" ? { kind: "boolean", value } : undefined;
  if (name === "Int" || name === "Float") {
    const fits = typeof value === "number" && (name === "Float" || Number.isInteger(value));
    return fits ? { kind: "number", text: String(value) } : undefined;
  }
  return jsonDraft(value);
}

function recordDraft(type: TypeDescriptor & { kind: "record" }, value: unknown): Draft | undefined {
  if (!isObject(value)) return undefined;
  const fields = new Map<string, Draft>();
  for (const field of type.fields) {
    const draft = field.name in value ? draftOf(field.type, value[field.name]) : emptyDraft(field.type);
    if (!draft) return undefined;
    fields.set(field.name, draft);
  }
  return { kind: "record", fields };
}

function mapDraft(type: TypeDescriptor & { kind: "map" }, value: unknown): Draft | undefined {
  if (!isString(type.keyType)) return jsonDraft(value);
  if (!isObject(value)) return undefined;
  const rows: { key: string; value: Draft }[] = [];
  for (const [key, item] of Object.entries(value)) {
    const draft = draftOf(type.valueType, item);
    if (!draft) return undefined;
    rows.push({ key, value: draft });
  }
  return { kind: "map", rows };
}

function unionDraft(members: TypeDescriptor[], value: unknown): Draft | undefined {
  if (isObject(value) && typeof value["tag"] === "string" && "value" in value) {
    const tagged = members.findIndex((member) => printType(member) === value["tag"]);
    const chosen = members[tagged];
    const inner = chosen && draftOf(chosen, value["value"]);
    if (inner) return { kind: "union", member: tagged, inner };
  }
  for (const [member, type] of members.entries()) {
    const inner = draftOf(type, value);
    if (inner) return { kind: "union", member, inner };
  }
  return undefined;
}

/** The JSON value entered, or why it is none. */
export function collect(declared: TypeDescriptor, draft: Draft, path: string): Collected {
  const type = resolved(declared);
  switch (draft.kind) {
    case "text":
      return draft.text === null ? UNSET : { state: "valid", value: draft.text };
    case "boolean":
      return draft.value === null ? UNSET : { state: "valid", value: draft.value };
    case "number":
      return collectNumber(type, draft.text, path);
    case "json":
      return collectJson(draft.text, path);
    case "optional":
      return collectOptional(optionalType(type) ?? type, draft, path);
    case "list":
      return collectList(elementType(type) ?? type, draft.items, path);
    case "record":
      return type.kind === "record" ? collectRecord(type, draft.fields, path) : UNSET;
    case "map":
      return type.kind === "map" ? collectMap(type.valueType, draft.rows, path) : UNSET;
    case "union":
      return type.kind === "union" ? collectUnion(type.members, draft, path) : UNSET;
  }
}

function invalid(path: string, message: string): Collected {
  return { state: "invalid", problems: [{ path, message }] };
}

function collectNumber(type: TypeDescriptor, text: string | null, path: string): Collected {
  if (text === null || text.trim() === "") return UNSET;
  const trimmed = text.trim();
  const name = printType(type);
  if (name === "Int") {
    if (!/^-?\d+$/.test(trimmed)) return invalid(path, `expected Int, got "${trimmed}"`);
    const value = Number(trimmed);
    if (!Number.isSafeInteger(value)) return invalid(path, "too large for the editor; send larger integers as JSON over HTTP");
    return { state: "valid", value };
  }
  if (!/^-?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(trimmed) || !Number.isFinite(Number(trimmed))) {
    return invalid(path, `expected Float, got "${trimmed}"`);
  }
  return { state: "valid", value: Number(trimmed) };
}

function collectJson(text: string | null, path: string): Collected {
  if (text === null || text.trim() === "") return UNSET;
  try {
    return { state: "valid", value: JSON.parse(text) as unknown };
  } catch (error) {
    return invalid(path, `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function collectOptional(inner: TypeDescriptor, draft: Draft & { kind: "optional" }, path: string): Collected {
  if (!draft.present) return { state: "valid", value: null };
  const collected = collect(inner, draft.inner, path);
  return collected.state === "unset" ? invalid(path, "enter a value, or choose none") : collected;
}

function collectParts(parts: { path: string; collected: Collected }[]): Problem[] {
  return parts.flatMap(({ path, collected }) => {
    if (collected.state === "unset") return [{ path, message: "missing" }];
    return collected.state === "invalid" ? collected.problems : [];
  });
}

function valueOf(collected: Collected): unknown {
  return collected.state === "valid" ? collected.value : undefined;
}

function collectList(element: TypeDescriptor, items: Draft[] | null, path: string): Collected {
  if (items === null) return UNSET;
  const parts = items.map((item, index) => {
    const where = `${path}[${index}]`;
    return { path: where, collected: collect(element, item, where) };
  });
  const problems = collectParts(parts);
  if (problems.length > 0) return { state: "invalid", problems };
  return { state: "valid", value: parts.map((part) => valueOf(part.collected)) };
}

function collectRecord(type: TypeDescriptor & { kind: "record" }, fields: Map<string, Draft>, path: string): Collected {
  const parts = type.fields.map((field) => {
    const where = `${path}.${field.name}`;
    const collected = collect(field.type, fields.get(field.name) ?? emptyDraft(field.type), where);
    return { name: field.name, optional: optionalType(resolved(field.type)) !== undefined, path: where, collected };
  });
  const touched = parts.some((part) => (part.optional ? valueOf(part.collected) !== null : part.collected.state !== "unset"));
  if (!touched && parts.length > 0) return UNSET;
  const problems = collectParts(parts);
  if (problems.length > 0) return { state: "invalid", problems };
  return { state: "valid", value: Object.fromEntries(parts.map((part) => [part.name, valueOf(part.collected)])) };
}

function collectMap(valueType: TypeDescriptor, rows: { key: string; value: Draft }[] | null, path: string): Collected {
  if (rows === null) return UNSET;
  const seen = new Set<string>();
  const problems: Problem[] = [];
  const parts = rows.map((row) => {
    const where = `${path}["${row.key}"]`;
    if (seen.has(row.key)) problems.push({ path: where, message: `the key "${row.key}" occurs twice` });
    seen.add(row.key);
    return { key: row.key, path: where, collected: collect(valueType, row.value, where) };
  });
  problems.push(...collectParts(parts));
  if (problems.length > 0) return { state: "invalid", problems };
  return { state: "valid", value: Object.fromEntries(parts.map((part) => [part.key, valueOf(part.collected)])) };
}

function collectUnion(members: TypeDescriptor[], draft: Draft & { kind: "union" }, path: string): Collected {
  const member = draft.member === null ? undefined : members[draft.member];
  if (!member || !draft.inner) return UNSET;
  const collected = collect(member, draft.inner, path);
  if (collected.state !== "valid") return collected.state === "unset" ? invalid(path, "missing") : collected;
  return { state: "valid", value: { tag: printType(member), value: collected.value } };
}
