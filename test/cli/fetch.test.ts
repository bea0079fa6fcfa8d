/** The command as it is typed, against a server on this machine. */
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readFits } from "../../src/sky/fits.ts";
import { AT, image, Service } from "../making/fetching/service.ts";
import { slow } from "../slow.ts";
import { environment, program, words } from "./arclet.ts";
import { type Ended, runBeside } from "./standing.ts";

slow("waits as long as a service asks for");

const folder = mkdtempSync(join(tmpdir(), "arclet-fetch-"));
const service = new Service();
let base = "";
beforeAll(async () => {
  base = await service.start();
});
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => service.clear());

const at = (...parts: string[]) => join(folder, ...parts);

/** Does not hold up the server, which runs in this process. @param env what the command's environment has besides */
async function arclet(line: string, env?: Record<string, string>) {
  const run =
    env === undefined ? runBeside : (args: string[], cwd: string) => withEnvironment(args, cwd, env);
  const { status, stdout, stderr } = await run(words(line), folder);
  const own = stderr.split("\n").filter((one) => one.startsWith("arclet:"));
  expect(own.length, stderr).toBeLessThanOrEqual(1);
  return { status, stdout, complaint: own[0] ?? "" };
}

const withEnvironment = (args: string[], cwd: string, env: Record<string, string>) =>
  new Promise<Ended>((resolve) => {
    execFile("node", [program, ...args], { cwd, env: environment(env) }, (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

function catalog(name: string, places: readonly (keyof typeof AT)[]): string {
  const rows = places.map((place, k) => `${place},${AT[place] + 0.25},${k - 2}`);
  writeFileSync(at(name), `name,RAJ2000,DEJ2000\n${rows.join("\n")}\n`);
  return name;
}
const quick = () => `--size 16 --pause 0.01 --backoff 0.05 --attempts 3 --timeout 2 --base-url ${base}`;
const manifest = (out: string) =>
  readFileSync(at(out, "manifest.csv"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(","));
const setAside = (out: string) => readFileSync(at(out, "set-aside.csv"), "utf8").trim().split("\n").slice(1);

describe("legacy", () => {
  const FAULTS = [
    "fine",
    "busy",
    "broken",
    "cutShort",
    "closed",
    "reset",
    "gzipped",
    "page",
    "slow",
    "nowhere",
    "small",
    "blank",
    "endless",
  ] as const;

  test("fetches what it can despite faults, and sets the rest aside with the reason", async () => {
    const { status, stdout, complaint } = await arclet(
      `fetch --survey legacy --catalog ${catalog("all.csv", FAULTS)} --bands g --out all ${quick()}`,
    );
    expect(complaint).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^all\.csv: columns guessed: id is name, ra is RAJ2000, dec is DEJ2000$/m);
    expect(stdout).toMatch(/^all: 7 cutouts fetched, 0 were there already$/m);
    const [header, ...rows] = manifest("all");
    expect(header).toEqual(["id", "band", "file", "url", "sha256", "bytes", "status"]);
    expect(rows.map(([id]) => id)).toEqual(FAULTS);
    for (const [id, band, file, , hash, bytes, state] of rows) {
      const came = FAULTS.indexOf(id as never) < 7;
      expect([id, band, state]).toEqual([id, "g", came ? "fetched" : "set aside"]);
      if (!came) continue;
      const content = readFileSync(at("all", file!));
      expect(content).toEqual(Buffer.from(image(16, AT[id as keyof typeof AT])));
      expect([hash, Number(bytes)]).toEqual([
        createHash("sha256").update(content).digest("hex"),
        content.length,
      ]);
    }
    expect(setAside("all").map((line) => line.replace(/\(http.*/, ""))).toEqual([
      expect.stringMatching(/^all\.csv,8,page,failed,"?g: not a FITS file: Oops Down for repair, 3 times /),
      expect.stringMatching(/^all\.csv,9,slow,failed,"?g: no whole answer within 2 s, 3 times /),
      "all.csv,10,nowhere,no coverage,g: no coverage (status 404) ",
      expect.stringMatching(/^all\.csv,11,small,failed,"?g: 15 × 15 pixels instead of 16 × 16 /),
      "all.csv,12,blank,no coverage,g: no coverage: every pixel is 0 ",
      expect.stringMatching(/^all\.csv,13,endless,failed,g: sends more than \d+ bytes /),
    ]);
    expect(readdirSync(at("all")).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("asks as the service's documents say, in its name, and no more than two at a time", async () => {
    await arclet(
      `fetch --survey legacy --catalog ${catalog("two.csv", ["fine", "gzipped"])} --bands g,r --out two ${quick()}`,
    );
    expect(service.requests.map(({ path }) => path).sort()).toEqual(
      [11.25, 1.25]
        .flatMap((ra) =>
          ["g", "r"].map(
            (band) =>
              `/viewer/fits-cutout?ra=${ra.toFixed(7)}&dec=${ra === 1.25 ? "-2" : "-1"}.0000000&layer=ls-dr10&pixscale=0.262&bands=${band}&size=16`,
          ),
        )
        .sort(),
    );
    for (const { agent } of service.requests) expect(agent).toMatch(/^arclet\/\d/);
    expect(service.busiest).toBeLessThanOrEqual(2);
  });

  test("waits as long as it is asked to, and pauses between requests", async () => {
    const places = ["busy", "fine", "gzipped", "reset"] as const;
    const line = `fetch --survey legacy --catalog ${catalog("wait.csv", places)} --bands g --out wait ${quick()}`;
    expect((await arclet(line.replace("--pause 0.01", "--pause 0.3 --parallel 2"))).status).toBe(0);
    const [first, second] = service.requests.filter(({ path }) => path.includes(`ra=${AT.busy}.`));
    expect(second!.time - first!.time).toBeGreaterThanOrEqual(950);
    // After that wait they are sent 0.3 s apart; a busy machine may see one late, but not by half of all that time.
    const times = service.requests.map(({ time }) => time).slice(2);
    expect(times.length).toBeGreaterThan(2);
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(150 * (times.length - 1));
  });

  test("what is there and whole is not fetched again; what is not, is", async () => {
    const line = `fetch --survey legacy --catalog ${catalog("again.csv", ["fine", "gzipped", "nowhere"])} --bands g,r --out again ${quick()}`;
    await arclet(line);
    service.clear();
    expect((await arclet(line)).stdout).toMatch(/^again: 0 cutouts fetched, 4 were there already$/m);
    expect(service.requests.map(({ path }) => path.includes(`ra=${AT.nowhere}.`))).toEqual([true, true]);
    // damaged, gone, and a log whose last line a kill has cut
    writeFileSync(at("again", "fine_g.fits"), readFileSync(at("again", "fine_g.fits")).fill(0, 2880, 2884));
    rmSync(at("again", "gzipped_r.fits"));
    appendFileSync(at("again", "fetch.jsonl"), '{"id":"fine","ba');
    expect((await arclet(line)).stdout).toMatch(/^again: 2 cutouts fetched, 2 were there already$/m);
    expect(readFits(at("again", "fine_g.fits"))[0]!.data[1]).toBeCloseTo(1.001, 6);
    expect(manifest("again")).toHaveLength(7);
    expect((await arclet(line.replace("--size 16", "--size 17"))).complaint).toBe(
      "arclet: again: holds cutouts of another request (size 16, not 17); use another folder",
    );
  });

  test("a server that asks for a longer wait is left alone, and the next run resumes", async () => {
    const line = `fetch --survey legacy --catalog ${catalog("stop.csv", ["fine", "gzipped", "away"])} --bands g --out stop ${quick()}`;
    const { status, complaint } = await arclet(`${line} --parallel 1`);
    expect(status).toBe(2);
    expect(complaint).toBe(
      `arclet: ${new URL(base).host}: asks to wait 7200 s (status 503); stop keeps what was fetched; the same command resumes`,
    );
    expect(
      manifest("stop")
        .slice(1)
        .map(([id]) => id),
    ).toEqual(["fine", "gzipped"]);
    catalog("stop.csv", ["fine", "gzipped", "reset"]);
    expect((await arclet(line)).stdout).toMatch(/^stop: 1 cutouts fetched, 2 were there already$/m);
  });
});

test("Ctrl-C ends it at the next safe point: what was fetched is kept and reported", async () => {
  const line = `fetch --survey legacy --catalog ${catalog("int.csv", ["fine", "gzipped", "reset"])} --bands g --out int ${quick()}`;
  const child = execFile(
    "node",
    [program, ...words(`${line} --parallel 1`.replace("--pause 0.01", "--pause 60"))],
    { cwd: folder, env: environment() },
  );
  let stderr = "";
  child.stderr!.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  while (!existsSync(at("int", "fine_g.fits"))) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(stderr).toMatch(/^arclet: interrupted: int keeps what was fetched; the same command resumes$/m);
  expect(
    manifest("int")
      .slice(1)
      .map(([id]) => id),
  ).toEqual(["fine"]);
  expect(service.requests).toHaveLength(1);
});

test("panstarrs: the list of images first, once an object, then a band's cutout", async () => {
  const line = `fetch --survey panstarrs --catalog ${catalog("ps.csv", ["fine", "noImage"])} --bands g,i --out ps ${quick()}`;
  const { stdout, complaint } = await arclet(line);
  expect(complaint).toBe("");
  expect(stdout).toMatch(/^ps: 2 cutouts fetched, 0 were there already$/m);
  const paths = service.requests.map(({ path }) => path);
  expect(paths.filter((path) => path.includes("ps1filenames"))).toHaveLength(2);
  expect(paths).toContain("/cgi-bin/ps1filenames.py?ra=1.2500000&dec=-2.0000000&filters=gi&type=stack");
  expect(paths).toContain(
    "/cgi-bin/fitscut.cgi?ra=1.2500000&dec=-2.0000000&size=16&format=fits&red=/rings.v3.skycell/1784/059/rings.i.unconv.fits",
  );
  expect(setAside("ps")).toEqual([
    expect.stringMatching(/noImage,no coverage,g: no coverage: no image is listed \(http/),
    expect.stringMatching(/noImage,no coverage,i: no coverage: no image is listed \(http/),
  ]);
});

test("hsc: by an account from the environment, which is nowhere written", async () => {
  const line = `fetch --survey hsc --catalog ${catalog("hsc.csv", ["fine"])} --bands i --out hsc ${quick()}`;
  const none = { ARCLET_HSC_USER: "", ARCLET_HSC_PASSWORD: "" };
  expect((await arclet(line, none)).complaint).toMatch(
    /^arclet: fetch: hsc needs an account: set ARCLET_HSC_USER and ARCLET_HSC_PASSWORD/,
  );
  expect(existsSync(at("hsc"))).toBe(false);
  const wrong = await arclet(line, { ARCLET_HSC_USER: "me", ARCLET_HSC_PASSWORD: "x" });
  expect(wrong.complaint).toMatch(/refuses the request \(status 401\); is the account right\?/);
  const { stdout } = await arclet(line, { ARCLET_HSC_USER: "me", ARCLET_HSC_PASSWORD: "secret" });
  expect(stdout).toMatch(/^hsc: 1 cutouts fetched/m);
  expect(service.requests.at(-1)!.path).toMatch(
    /^\/das_cutout\/pdr3\/cgi-bin\/cutout\?ra=1\.2500000&dec=-2\.0000000&sw=0\.0003967&sh=0\.0003967&type=coadd&image=on&filter=HSC-I&tract=&rerun=pdr3_wide$/,
  );
  for (const file of readdirSync(at("hsc")))
    expect(readFileSync(at("hsc", file), "latin1")).not.toMatch(/secret/);
});

test("an account in the server's address is used, and is nowhere written or shown", async () => {
  const own = base.replace("http://", "http://me:secret@");
  const line = `fetch --survey hsc --catalog ${catalog("own.csv", ["fine", "nowhere"])} --bands i --out own ${quick()}`;
  const none = { ARCLET_HSC_USER: "", ARCLET_HSC_PASSWORD: "" };
  const { stdout } = await arclet(line.replace(base, own), none);
  expect(stdout).toMatch(/^own: 1 cutouts fetched/m);
  expect(stdout).not.toContain("secret");
  expect(service.requests.at(-1)!.authorization).toBe(`Basic ${btoa("me:secret")}`);
  for (const file of readdirSync(at("own")))
    expect(readFileSync(at("own", file), "latin1")).not.toMatch(/secret|me:/);
  const wrong = await arclet(
    line.replace(base, own.replace("secret", "wr0ng")).replace("--out own", "--out no-1"),
    none,
  );
  expect(wrong.complaint).toMatch(/refuses the request \(status 401\)/);
  expect(wrong.complaint).not.toContain("wr0ng");
});

test("ids become names of files, whatever they hold", async () => {
  writeFileSync(at("ids.csv"), `id,ra,dec\n../J12 é,1,2\n${"x".repeat(300)},1,3\n.,1,4\nlost,,\n`);
  const { stdout } = await arclet(`fetch --survey sdss --catalog ids.csv --bands r --out ids ${quick()}`);
  expect(stdout).toMatch(/^ids: 3 cutouts fetched/m);
  const files = readdirSync(at("ids")).filter((name) => name.endsWith(".fits"));
  expect(files.sort()).toEqual([
    "%2E.%2FJ12%20%C3%A9_r.fits",
    "%2E_r.fits",
    expect.stringMatching(/^x{133}-[0-9a-f]{16}_r\.fits$/),
  ]);
  expect(setAside("ids")).toEqual(["ids.csv,4,lost,no position,no position"]);
});

test("refused in one line: a service that is not known, a server that is not there", async () => {
  catalog("one.csv", ["fine"]);
  const refused = async (line: string) => {
    const { status, complaint } = await arclet(
      `fetch --catalog one.csv --out no --bands g --size 16 ${line}`,
    );
    expect(status).toBe(2);
    return complaint;
  };
  expect(await refused("--survey sds")).toMatch(/survey must be one of legacy, panstarrs, hsc, sdss/);
  catalog("one.csv", ["fine", "busy", "broken", "page"]);
  const gone = new Service();
  const nowhere = await gone.start();
  await gone.stop();
  expect(await refused(`--survey legacy --base-url ${nowhere} --backoff 0.01 --pause 0`)).toBe(
    `arclet: ${new URL(nowhere).host}: can't be reached (ECONNREFUSED); no keeps what was fetched; the same command resumes`,
  );
  catalog("one.csv", ["nowhere"]);
  expect(await refused(`--survey legacy --base-url ${base}`)).toMatch(
    /^arclet: no: no cutout could be fetched; e\.g\. nowhere, g: no coverage \(status 404\)/,
  );
});

test.runIf(process.platform === "linux")("under a limit of addresses one line says what is missing", () => {
  const line = `fetch --survey legacy --catalog ${catalog("limited.csv", ["fine"])} --bands g --out limited ${quick()}`;
  const limited = `ulimit -v 2000000; exec node "$0" "$@"`;
  const options = { cwd: folder, encoding: "utf8", env: environment({}) } as const;
  const { status, stderr } = spawnSync("bash", ["-c", limited, program, ...words(line)], options);
  expect(stderr).toBe(
    "arclet: fetch: too little memory is allowed: Node's fetch has no room to load; raise ulimit -v, or take it away\n",
  );
  expect(status).toBe(2);
});
