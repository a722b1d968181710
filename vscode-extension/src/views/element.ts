/**
 * Building DOM without markup strings.
 *
 * Owns one function that makes an element from a tag, properties and children. It refuses HTML text: everything that
 * comes from a document or a server reaches the page as text nodes and properties only.
 */

export type Child = Node | string | null | undefined | false;

export interface Attributes {
  class?: string;
  text?: string;
  /** Attributes set as they are; `undefined` and `false` are left out, `true` is an empty attribute. */
  attrs?: Record<string, string | number | boolean | undefined>;
  on?: Record<string, (event: Event) => void>;
}

/** A new element. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (options.class) node.className = options.class;
  if (options.text !== undefined) node.textContent = options.text;
  for (const [name, value] of Object.entries(options.attrs ?? {})) {
    if (value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [name, listener] of Object.entries(options.on ?? {})) node.addEventListener(name, listener);
  for (const child of children) if (child) node.append(child);
  return node;
}
