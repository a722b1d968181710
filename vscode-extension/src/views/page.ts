/**
 * The HTML frame of a webview.
 *
 * Owns the content security policy: one script with a nonce, styles and images of the extension, nothing else.
 */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** The page that loads `dist/<name>.js` and `dist/<name>-style.css`. */
export function page(webview: vscode.Webview, extension: vscode.Uri, name: string, title: string): string {
  const nonce = randomBytes(16).toString("base64url");
  const at = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extension, "dist", file)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
    `font-src ${webview.cspSource}`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${at(`${name}-style.css`)}">
</head>
<body>
<div id="app"></div>
<script type="module" nonce="${nonce}" src="${at(`${name}.js`)}"></script>
</body>
</html>`;
}

/** What every webview of ours may do. */
export function pageOptions(extension: vscode.Uri): vscode.WebviewOptions & vscode.WebviewPanelOptions {
  return {
    enableScripts: true,
    enableCommandUris: false,
    enableFindWidget: true,
    retainContextWhenHidden: false,
    localResourceRoots: [vscode.Uri.joinPath(extension, "dist"), vscode.Uri.joinPath(extension, "media")],
  };
}
