/** Opening a page in the user's browser. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Opens an address, where there is a screen. Its token must not be in a list of processes, which others on the machine can
 * read: the browser is given a file that only the user can read, and that leads there.
 *
 * @returns what removes the file
 */
export function openBrowser(url: string): () => void {
  const screen = process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY;
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  if (!process.stdout.isTTY || (process.platform !== "darwin" && screen === undefined)) return () => {};
  const folder = mkdtempSync(join(tmpdir(), "arclet-open-"));
  const page = join(folder, "arclet.html");
  const text = `<!doctype html><meta http-equiv="refresh" content="0;url=${url}"><a href="${url}">Arclet</a>\n`;
  writeFileSync(page, text, { mode: 0o600 });
  const child = spawn(opener, [page], { stdio: "ignore", detached: true });
  // Without such a program the printed address is enough.
  child.on("error", () => {});
  child.unref();
  return () => rmSync(folder, { recursive: true, force: true });
}
