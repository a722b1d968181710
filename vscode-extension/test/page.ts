// A page for the tests of views: one window of happy-dom, installed as the globals that views use.
import { Window } from "happy-dom";

export function newPage(): HTMLElement {
  const window = new Window();
  const globals: Record<string, unknown> = {
    window,
    document: window.document,
    getComputedStyle: window.getComputedStyle.bind(window),
    Node: window.Node,
    Event: window.Event,
    KeyboardEvent: window.KeyboardEvent,
    XMLSerializer: window.XMLSerializer,
    CSS: { escape: (text: string) => text.replace(/[^\w-]/g, (character) => `\\${character}`) },
  };
  Object.assign(globalThis, globals);
  const root = document.createElement("div");
  document.body.append(root);
  return root;
}

/** Enters a text as a person does. */
export function enter(field: Element | null | undefined, text: string): void {
  const input = field as HTMLInputElement;
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

export function click(target: Element | null | undefined): void {
  (target as HTMLElement).click();
}

/** The button with this text. */
export function button(root: Element, text: string): HTMLButtonElement {
  const found = [...root.querySelectorAll("button")].find((one) => one.textContent === text);
  if (!found) throw new Error(`no button "${text}" among ${[...root.querySelectorAll("button")].map((one) => one.textContent).join(", ")}`);
  return found;
}
