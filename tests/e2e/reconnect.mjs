// A person keeps an editor open while its server goes away and comes back. Prints a word at each station; the server is
// stopped after "connected" and started again after "lost".
// usage: node reconnect.mjs '{"base", "folder", "file", "screenshots", "chromium"}'
import { Editor } from "./editor.mjs";

const config = JSON.parse(process.argv[2]);
const editor = await Editor.launch(config.chromium, config.screenshots);
try {
  await editor.open(config.base, config.folder, config.file);
  await editor.errors(1);
  console.log("connected");
  await editor.status(/server unreachable/);
  await editor.screenshot("lost");
  console.log("lost");
  await editor.status(/Constellation .*\(websocket\)/);
  await editor.append("out nothing\n");
  await editor.errors(2);
  await editor.screenshot("back");
  console.log("back");
} catch (error) {
  await editor.screenshot("failed");
  throw error;
} finally {
  await editor.close();
}
