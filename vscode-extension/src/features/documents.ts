/**
 * Which document a command means, and where things are in it.
 *
 * Owns finding the pipeline that a command, a lens or a page refers to, and showing a place in it.
 */

import * as vscode from "vscode";
import type { Range } from "../protocol";

/** The last part of a document's path. */
export function fileName(document: vscode.TextDocument): string {
  return document.uri.path.split("/").at(-1) || "untitled";
}

export function isPipeline(document: vscode.TextDocument | undefined): document is vscode.TextDocument {
  return document?.languageId === "constellation";
}

/** The document that `argument` (a URI, `{uri}` of a lens, or nothing for the active one) names. */
export async function documentOf(argument: unknown): Promise<vscode.TextDocument | undefined> {
  const named = argument instanceof vscode.Uri ? argument : (argument as { uri?: unknown } | undefined)?.uri;
  if (named instanceof vscode.Uri) return vscode.workspace.openTextDocument(named);
  if (typeof named === "string") return vscode.workspace.openTextDocument(vscode.Uri.parse(named));
  const active = vscode.window.activeTextEditor?.document;
  if (isPipeline(active)) return active;
  return vscode.window.visibleTextEditors.map((editor) => editor.document).find(isPipeline);
}

/** The editor that shows `document`, if any. */
export function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === document.uri.toString());
}

/** Selects `range`; moves the focus there only if asked to. */
export async function reveal(document: vscode.TextDocument, range: vscode.Range, focus: boolean): Promise<void> {
  const open = editorOf(document);
  const options = { viewColumn: open?.viewColumn ?? vscode.ViewColumn.One, preserveFocus: !focus };
  const editor = await vscode.window.showTextDocument(document, options);
  editor.selection = new vscode.Selection(range.start, range.end);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** A range of the protocol as VS Code's. */
export function toRange(range: Range): vscode.Range {
  return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
}
