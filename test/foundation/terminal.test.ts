import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { line } from "../../src/foundation/command-line.ts";
import { ArcletError, oneLine } from "../../src/foundation/errors.ts";
import { accountIn, withoutSecrets } from "../../src/foundation/secrets.ts";
import { printable } from "../../src/foundation/terminal.ts";

test("control characters and those that turn the direction of text are escaped; all other text stays", () => {
  expect(printable("\x1b[31mX\x1b]0;own\x07\x9b\x7f\r")).toBe("\\x1b[31mX\\x1b]0;own\\x07\\x9b\\x7f\\x0d");
  expect(printable("gpj.\u202eexe\u2066\u200b\ud800")).toBe("gpj.\\u202eexe\\u2066\\u200b\\ud800");
  expect(printable("a\tb\nθ_E 5″ ★ 𝛼 e\u0301")).toBe("a\tb\nθ_E 5″ ★ 𝛼 e\u0301");
  expect(oneLine(`id \x1b[2J ${"\0".repeat(30)} \ufffd`)).toBe("id \\x1b[2J ? ?");
});

test("a guarded process writes nothing raw but the cursor's moves of a progress bar", () => {
  const file = pathToFileURL(join(import.meta.dirname, "../../src/foundation/terminal.ts")).href;
  const script = `import { guardTerminal } from ${JSON.stringify(file)};
    guardTerminal(); guardTerminal();
    console.log("best: \\x1b]0;own\\x07, 100\\u0025 \\u202e"); console.error("\\x1b[31m https://me:pw@host/x?token=abc");
    process.stderr.write("\\x1b7"); process.stderr.write("\\x1b[?25h");`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", script],
    { encoding: "utf8" },
  );
  expect(stdout).toBe("best: \\x1b]0;own\\x07, 100% \\u202e\n");
  expect(stderr).toBe("\\x1b[31m https://***@host/x?token=***\n\x1b7\x1b[?25h");
});

test("passwords and tokens in addresses are left out of errors, JSON and command lines", () => {
  expect(withoutSecrets("at http://a:b@c.org/x?size=3&api_key=k1&X-Amz-Signature=z#f and key=1")).toBe(
    "at http://***@c.org/x?size=3&api_key=***&X-Amz-Signature=***#f and key=1",
  );
  expect(withoutSecrets("ftp://us%40er:p:w@x@host")).toBe("ftp://***@host");
  expect(withoutSecrets("me@host.org, https://host/a@b")).toBe("me@host.org, https://host/a@b");
  const error = new ArcletError({
    where: "fetch",
    code: "argument",
    field: "base-url",
    must: "x",
    got: "https://me:secret@h",
  });
  expect(error.message).toBe('fetch: base-url must be x, got "https://***@h"');
  expect(JSON.stringify(error)).not.toContain("secret");
  expect(line(["fetch", "--base-url", "https://me:secret@h/"])).toBe(
    "arclet fetch --base-url 'https://***@h/'",
  );
  expect(accountIn("https://me:p%40w@host/x/")).toEqual({
    address: "https://host/x/",
    authorization: `Basic ${Buffer.from("me:p@w").toString("base64")}`,
  });
});
