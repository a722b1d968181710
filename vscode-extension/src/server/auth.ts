/**
 * API keys of servers.
 *
 * Owns where keys are kept: VS Code's secret storage, one per origin. Invariant: a key is never logged and never part
 * of a setting.
 */

import * as vscode from "vscode";
import { origin } from "./url";

export class Keys {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  async of(url: string): Promise<string | undefined> {
    const owner = origin(url);
    return owner === undefined ? undefined : this.secrets.get(`constellation.key:${owner}`);
  }

  /** Asks for the key of `url`; whether one was entered. */
  async ask(url: string): Promise<boolean> {
    const owner = origin(url);
    if (owner === undefined) {
      void vscode.window.showWarningMessage("Constellation: set constellation.server.url to the server's address first.");
      return false;
    }
    const key = await vscode.window.showInputBox({ title: `API key for ${owner}`, password: true, ignoreFocusOut: true });
    if (!key) return false;
    await this.secrets.store(`constellation.key:${owner}`, key);
    return true;
  }

  async clear(url: string): Promise<void> {
    const owner = origin(url);
    if (owner !== undefined) await this.secrets.delete(`constellation.key:${owner}`);
  }
}
