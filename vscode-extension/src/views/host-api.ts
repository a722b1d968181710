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

/** Sends typed messages and hands on what arrives. */
export function connect<Out, In>(receive: (message: In) => void): (message: Out) => void {
  const api = acquireVsCodeApi();
  window.addEventListener("message", (event: MessageEvent<In>) => receive(event.data));
  return (message) => api.postMessage(message);
}
