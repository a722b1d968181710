// Drives one VS Code window in a browser: opening a file, typing, and looking into the pages of an extension.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const PATIENCE = 60_000;

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export class Editor {
  constructor(context, profile, screenshots) {
    this.context = context;
    this.profile = profile;
    this.screenshots = screenshots;
    this.page = context.pages()[0];
    this.page.setDefaultTimeout(PATIENCE);
    this.hosts = new Set();
    this.page.on("request", (request) => this.hosts.add(new URL(request.url()).hostname));
    this.shots = 0;
  }

  static async launch(executablePath, screenshots) {
    const profile = mkdtempSync(join(tmpdir(), "e2e-browser-"));
    const viewport = { width: 1360, height: 820 };
    const options = { executablePath, headless: true, viewport, reducedMotion: "reduce", args: FLAGS };
    const context = await chromium.launchPersistentContext(profile, options);
    return new Editor(context, profile, screenshots);
  }

  async close() {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }

  /** Opens `file` of `folder` in the editor that code-server serves at `base`. */
  async open(base, folder, file) {
    const payload = JSON.stringify([["openFile", `vscode-remote://${new URL(base).host}${file}`]]);
    await this.page.goto(`${base}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(payload)}`);
    await this.page.waitForSelector(".monaco-workbench");
    await this.page.waitForSelector(".monaco-editor .view-line");
  }

  async screenshot(name) {
    this.shots += 1;
    await this.page.screenshot({ animations: "disabled", path: join(this.screenshots, `${this.shots}-${name}.png`) });
  }

  /** The word `text` in the editor. */
  word(text) {
    return this.page.locator(".monaco-editor .view-line span span", { hasText: text }).first();
  }

  /** Waits until the status bar counts this many errors. */
  async errors(count) {
    const label = count === 0 ? "No Problems" : `Errors: ${count}`;
    await this.page.waitForSelector(`#status\\.problems[aria-label^="${label}"]`);
  }

  /** Runs a command of the palette. */
  async command(title) {
    await this.page.keyboard.press("F1");
    await this.page.locator(".quick-input-widget input").fill(`>${title}`);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
    await this.page.keyboard.press("Enter");
  }

  /** Waits for the status bar to show `text`. */
  async status(text) {
    const item = this.page.locator(".statusbar-item", { hasText: text }).first();
    await item.waitFor();
    return item.innerText();
  }

  async hover(text) {
    await this.word(text).hover();
    const hover = this.page.locator(".monaco-hover:visible").first();
    await hover.waitFor();
    return hover.innerText();
  }

  /** Puts the focus into the text. */
  async focus() {
    await this.page.locator(".monaco-editor .view-lines").first().click({ position: { x: 300, y: 8 } });
  }

  /** Types at the end of the file. */
  async append(text) {
    await this.focus();
    await this.page.keyboard.press("Control+End");
    await this.page.keyboard.type(text);
  }

  async suggestions() {
    await this.page.keyboard.press("Control+Space");
    await this.page.waitForSelector(".suggest-widget.visible .monaco-list-row");
    return this.page.locator(".suggest-widget.visible .monaco-list-row").allInnerTexts();
  }

  /** The page of a webview that holds `selector`, once it is there and visible. */
  async view(selector) {
    const end = Date.now() + PATIENCE;
    while (Date.now() < end) {
      for (const frame of this.page.frames()) {
        const found = await frame.locator(selector).first().isVisible().catch(() => false);
        if (found) return frame;
      }
      await this.page.waitForFunction(() => new Promise((done) => requestAnimationFrame(() => done(true))));
    }
    throw new Error(`no page of an extension shows ${selector}`);
  }
}
