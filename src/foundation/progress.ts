/**
 * Progress of long work on standard error: a bar with rate and time left on a terminal, a plain line every few
 * seconds elsewhere.
 */
import { Presets, SingleBar } from "cli-progress";

/** A progress bar of a known number of units. */
export interface Progress {
  /** `n` more units are done; `note` (e.g. the current loss) replaces the last one. */
  tick(n?: number, note?: string): void;
  /** `n` more units needed no work, since they were done earlier: they don't count in the rate. */
  skip(n: number): void;
  /** Ends the line, also when the work ended early. */
  done(): void;
}

const PLAIN_EVERY_MS = 5_000;

/** The bars that are on the terminal: each redraws itself, and so keeps the program from ending, until it is ended. */
const drawn = new Set<SingleBar>();

/**
 * Ends the bars that are on the terminal, and gives it back as it was found. Called wherever a program's work ends: when it
 * is done, refused, interrupted or broken off.
 */
export function endBars(): void {
  for (const bar of drawn) bar.stop();
  drawn.clear();
}

const SILENT: Progress = { tick() {}, skip() {}, done() {} };
let shown = false;

/**
 * Shows the progress of long work on standard error, as the commands do. A library's caller may want it empty, so without
 * this call nothing is drawn there.
 */
export function showProgress(show = true): void {
  shown = show;
}

/**
 * @param label the work, e.g. `simulate`
 * @param total units of work in all
 * @param unit the unit in the plural, e.g. `images`
 * @param already units done earlier (a resumed run); not counted in the rate
 */
export function progress(label: string, total: number, unit: string, already = 0): Progress {
  if (!shown) return SILENT;
  return process.stderr.isTTY ? bar(label, total, unit, already) : plainLines(label, total, unit, already);
}

function bar(label: string, total: number, unit: string, already: number): Progress {
  const single = new SingleBar(
    {
      format: `${label} {bar} {value}/{total} ${unit} | {rate}/s | {left} left {note}`,
      stream: process.stderr,
      hideCursor: false, // a program that is killed could not bring it back
      noTTYOutput: false,
      fps: 5,
    },
    Presets.shades_classic,
  );
  const clock = stopwatch(total, already);
  // The terminal has room for one: what a failed piece of work left of its own ends here.
  endBars();
  process.removeListener("exit", endBars);
  process.on("exit", endBars);
  drawn.add(single);
  single.start(total, already, { rate: "-", left: "-", note: "" });
  return {
    tick(n = 1, note = "") {
      const { done, rate, left } = clock(n, 0);
      single.update(done, { rate, left, note });
    },
    skip(n) {
      const { done, rate, left } = clock(0, n);
      single.update(done, { rate, left });
    },
    done() {
      single.stop();
      drawn.delete(single);
    },
  };
}

function plainLines(label: string, total: number, unit: string, already: number): Progress {
  const clock = stopwatch(total, already);
  let last = performance.now();
  let line = "";
  let printed = "";
  const print = () => {
    if (line !== printed) process.stderr.write(`${line}\n`);
    printed = line;
    last = performance.now();
  };
  const show = ({ done, rate, left }: ReturnType<typeof clock>, note: string) => {
    line = `${label} ${done}/${total} ${unit} | ${rate}/s | ${left} left ${note}`.trimEnd();
    if (performance.now() - last >= PLAIN_EVERY_MS) print();
  };
  return {
    tick: (n = 1, note = "") => show(clock(n, 0), note),
    skip: (n) => show(clock(0, n), ""),
    done: print,
  };
}

/** Rate and time left by the units that were worked on; `-` as long as there is none to judge by. */
function stopwatch(total: number, already: number) {
  const start = performance.now();
  let here = 0;
  let earlier = already;
  return (n: number, skipped: number) => {
    here += n;
    earlier += skipped;
    const seconds = Math.max((performance.now() - start) / 1000, 1e-3);
    const rest = Math.max(0, total - earlier - here);
    const rate = here / seconds;
    return {
      done: earlier + here,
      rate: here > 0 ? rate.toPrecision(3) : "-",
      left: rest === 0 ? duration(0) : here > 0 ? duration(rest / rate) : "-",
    };
  };
}

/** Seconds for people to read: `45 s`, `3 min 20 s`, `2 h 05 min`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
}
