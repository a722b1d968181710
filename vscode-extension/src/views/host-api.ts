/**
 * The webview's side of the connection to the extension.
 *
 * Owns the one call of VS Code's `acquireVsCodeApi` that a page may make.
 */

interface Api {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): Api;

export interface Host<Out> {
  send: (message: Out) => void;
  /** What the page saved before it was hidden or the window was reloaded. */
  saved: unknown;
  save: (state: unknown) => void;
}

/** Sends typed messages and hands on what arrives. */
export function connect<Out, In>(receive: (message: In) => void): Host<Out> {
  const api = acquireVsCodeApi();
  window.addEventListener("message", (event: MessageEvent<In>) => receive(event.data));
  return { send: (message) => api.postMessage(message), saved: api.getState(), save: (state) => api.setState(state) };
}
