/**
 * One webview panel of ours at a time, of one kind.
 *
 * Owns creating, restoring and closing the panel, and holding messages back until the page says that it is ready.
 * Invariant: the page gets messages in the order in which they were posted.
 */

import * as vscode from "vscode";
import { page, pageOptions } from "./page";

export interface PanelKind<From> {
  /** VS Code's name of the view. */
  viewType: string;
  /** The page's script and style in `dist`. */
  name: string;
  read: (message: unknown) => From | undefined;
}

export class Panel<To, From extends { type: string }> implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private loaded = false;

  constructor(
    private readonly kind: PanelKind<From>,
    private readonly extension: vscode.Uri,
    private readonly log: vscode.LogOutputChannel,
    private readonly receive: (message: From) => void,
    private readonly closed: () => void,
  ) {}

  get isOpen(): boolean {
    return this.panel !== undefined;
  }

  /** Whether the page has said that it is ready. */
  get isLoaded(): boolean {
    return this.loaded;
  }

  /** Opens the panel beside the editor, or brings it forward. */
  show(title: string, focus: boolean): void {
    if (this.panel) {
      this.panel.title = title;
      this.panel.reveal(undefined, !focus);
      return;
    }
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: !focus };
    this.adopt(vscode.window.createWebviewPanel(this.kind.viewType, title, place, pageOptions(this.extension)));
  }

  /** Takes over a panel that VS Code brought back after a reload. */
  adopt(panel: vscode.WebviewPanel): void {
    this.panel?.dispose();
    this.panel = panel;
    this.loaded = false;
    panel.webview.options = pageOptions(this.extension);
    panel.iconPath = vscode.Uri.joinPath(this.extension, "media", "icon.png");
    panel.webview.onDidReceiveMessage((message: unknown) => this.message(message));
    panel.onDidChangeViewState(() => {
      // A hidden page is gone; it loads again, and says so, when it is shown.
      if (!panel.visible && this.panel === panel) this.loaded = false;
    });
    panel.onDidDispose(() => {
      if (this.panel !== panel) return;
      this.panel = undefined;
      this.loaded = false;
      this.closed();
    });
    panel.webview.html = page(panel.webview, this.extension, this.kind.name, panel.title);
  }

  set title(title: string) {
    if (this.panel) this.panel.title = title;
  }

  /** Sends a message if the page is there; a page that loads later asks with `ready`. */
  post(message: To): void {
    if (this.loaded) void this.panel?.webview.postMessage(message);
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private message(raw: unknown): void {
    const message = this.kind.read(raw);
    if (!message) {
      this.log.warn(`${this.kind.viewType} sent a message that it may not send`);
      return;
    }
    if (message.type === "ready") this.loaded = true;
    this.receive(message);
  }
}
