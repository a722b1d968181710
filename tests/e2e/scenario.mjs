// What a person does with a pipeline in VS Code, from a broken file to its graph. Prints the facts seen as JSON on its
// last line. With "outage", the person keeps working while the server is away: it is to be stopped after the line
// "stop the server" and started again after "start the server".
// usage: node scenario.mjs '{"base", "folder", "file", "screenshots", "chromium", "outage"}'
import { Editor } from "./editor.mjs";

const config = JSON.parse(process.argv[2]);
const facts = { seconds: {} };
setTimeout(() => process.exit(2), 300_000).unref();
const start = Date.now();
const editor = await Editor.launch(config.chromium, config.screenshots);
const { page } = editor;

async function step(name, act) {
  try {
    await act();
  } catch (error) {
    await editor.screenshot(`${name}-failed`);
    throw new Error(`${name}: ${error.message}`);
  }
  facts.seconds[name] = (Date.now() - start) / 1000;
}

async function brokenFile() {
  await editor.open(config.base, config.folder, config.file);
  await page.waitForSelector(".squiggly-error");
  await editor.errors(1);
  await editor.screenshot("broken");
}

async function hover() {
  facts.hover = await editor.hover("Uppercas");
  await editor.screenshot("hover");
  await page.keyboard.press("Escape");
}

async function fix() {
  await editor.word("Uppercas").dblclick();
  await page.keyboard.type("Uppercase");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".squiggly-error", { state: "detached" });
  await editor.errors(0);
  await page.locator(".codelens-decoration a", { hasText: "Run" }).first().waitFor();
  facts.lenses = await page.locator(".codelens-decoration a").allInnerTexts();
}

async function completion() {
  await editor.append("extra = Upperc");
  facts.suggestions = await editor.suggestions();
  await editor.screenshot("completion");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+Home");
  await page.keyboard.press("Delete");
  await editor.errors(0);
}

async function missingInput() {
  await editor.focus();
  await page.keyboard.press("Control+Shift+R");
  const runner = await editor.view('[data-input="times"]');
  facts.prefilled = await runner.locator('[data-input="text"] input').inputValue();
  await runner.getByRole("button", { name: "Run", exact: true }).click();
  facts.asked = await runner.locator('[data-input="times"] .problems').innerText();
  await runner.getByRole("button", { name: "Run with missing inputs" }).click();
  await runner.locator('.result[data-status="suspended"]').waitFor();
  facts.missing = await runner.locator("[data-missing]").allInnerTexts();
  await editor.screenshot("suspended");
}

async function resume() {
  const runner = await editor.view(".suspension");
  await runner.locator("#resume-times").fill("1");
  await runner.getByRole("button", { name: "Resume" }).click();
  await runner.locator('.result[data-status="completed"]').waitFor();
  facts.resumed = await runner.locator("[data-output]").allInnerTexts();
}

async function run() {
  const runner = await editor.view('[data-input="times"]');
  await runner.locator('[data-input="text"] input').fill("good evening");
  await runner.locator('[data-input="times"] input').fill("41");
  await runner.getByRole("button", { name: "Run", exact: true }).click();
  await runner.locator('[data-output="count"]', { hasText: "42" }).waitFor();
  facts.outputs = await runner.locator("[data-output]").allInnerTexts();
  await editor.screenshot("outputs");
}

async function stepping() {
  const runner = await editor.view('[data-input="times"]');
  await runner.getByRole("button", { name: "Step", exact: true }).click();
  await runner.locator('[data-steps="next"]').waitFor();
  facts.batch = await runner.locator('[data-steps="next"] li').allInnerTexts();
  await editor.screenshot("stepping");
  await runner.getByRole("button", { name: "Next", exact: true }).click();
  await runner.locator('.result[data-status="completed"]').waitFor();
  facts.stepped = await runner.locator("[data-output]").allInnerTexts();
}

async function graph() {
  await editor.focus();
  await page.keyboard.press("Control+Shift+D");
  const view = await editor.view("svg.graph [data-node-id]");
  facts.nodes = await view.locator("[data-node-id]").evaluateAll((nodes) => nodes.map((node) => node.dataset.nodeId));
  facts.edges = await view.locator(".edge path").evaluateAll((edges) => edges.map((edge) => edge.getTotalLength()));
  await editor.screenshot("graph");
  await editor.append('\nloud = concat(shout, "!")\nout loud\n');
  await view.locator('[data-node-id="out:loud"]').waitFor();
  facts.redrawn = await view.locator("[data-node-id]").evaluateAll((nodes) => nodes.map((node) => node.dataset.nodeId));
  await editor.errors(0);
  await editor.screenshot("graph-redrawn");
}

async function restart() {
  await editor.status(/Constellation .*\((stdio|websocket)\)/);
  console.log("note the server");
  await editor.command("Constellation: Restart Server");
  // the states in between may be too short to be seen: whoever reads these lines looks for another server
  facts.status = await editor.status(/Constellation .*\((stdio|websocket)\)/);
  await editor.append("out nothing\n");
  await editor.errors(1);
  const banner = (await editor.view(".banner")).locator(".banner", { hasText: "once the file has no errors" });
  await banner.waitFor();
  facts.stale = await banner.innerText();
  console.log("compare the server");
}

async function outage() {
  console.log("stop the server");
  await editor.status(/server unreachable/);
  await editor.screenshot("unreachable");
  console.log("start the server");
  await editor.status(/Constellation .*\(websocket\)/);
  await editor.append("out nowhere\n");
  await editor.errors(2);
}

try {
  await step("broken file", brokenFile);
  await step("hover", hover);
  await step("fix", fix);
  await step("completion", completion);
  await step("missing input", missingInput);
  await step("resume", resume);
  await step("run", run);
  await step("stepping", stepping);
  await step("graph", graph);
  await step("restart", restart);
  if (config.outage) await step("outage", outage);
  facts.hosts = [...editor.hosts].filter((host) => host !== "");
  console.log(JSON.stringify(facts));
} finally {
  await editor.close();
}
