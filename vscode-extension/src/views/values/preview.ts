/**
 * A value in one line.
 *
 * Owns how values are shortened: quoted strings, counts of lists, names of fields. Pure.
 */

/** Whether a value has parts. */
export function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** One line for a value, at most `width` characters long. */
export function preview(value: unknown, width = 60): string {
  const text = summary(value);
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** One line of any length for a value. */
export function summary(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? "[1 item]" : `[${value.length} items]`;
  if (isContainer(value)) {
    const keys = Object.keys(value);
    return keys.length === 0 ? "{}" : `{ ${keys.slice(0, 4).join(", ")}${keys.length > 4 ? ", …" : ""} }`;
  }
  return JSON.stringify(value) ?? "";
}
