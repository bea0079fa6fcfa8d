/**
 * One of several ranks, which runs command lines one after the other: `rank-program.mjs FOLDER LINES.json PORT`. Each line has a
 * port of its own, from PORT on. Ends with 1 at the first line that fails.
 */
import { readFileSync } from "node:fs";
import { main } from "../../dist/cli/main.js";

const [folder, lines, port] = process.argv.slice(2);
process.chdir(folder);
for (const [k, words] of JSON.parse(readFileSync(lines, "utf8")).entries()) {
  process.env.MASTER_PORT = String(Number(port) + k);
  await main(words);
  if (process.exitCode) {
    console.error(words.join(" "));
    process.exit(1);
  }
}
