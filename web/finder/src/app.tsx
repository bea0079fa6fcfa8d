/** The page: drop a finder, drop images, see their ranking. Nothing leaves the browser. */
import { useRef, useState } from "preact/hooks";
import type { Choice, Wish } from "./engine/choosing.ts";
import { type Finder, openFinder } from "./finder.ts";
import { type Ranked, rank } from "./ranking.ts";
import { readFiles } from "./read/files.ts";
import { About } from "./views/about.tsx";
import { Computing } from "./views/computing.tsx";
import { ObjectView } from "./views/object.tsx";
import { Table } from "./views/table.tsx";

interface Progress {
  done: number;
  of: number;
}

/** More lines are counted. */
const MOST_PROBLEMS = 20;

export function App() {
  const [finder, setFinder] = useState<Finder | null>(null);
  const [ranked, setRanked] = useState<readonly Ranked[]>([]);
  const [chosen, setChosen] = useState<Ranked | null>(null);
  const [wish, setWish] = useState<Wish>("automatic");
  const [choice, setChoice] = useState<Choice | null>(null);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [progress, setProgress] = useState<Progress | null>(null);
  const stop = useRef(false);

  const take = async (files: readonly File[]) => {
    if (files.length === 0 || progress !== null) return;
    const [own] = files.filter(({ name }) => name.endsWith(".onnx"));
    const images = files.filter((file) => !file.name.endsWith(".onnx"));
    setProblems([]);
    setProgress({ done: 0, of: images.length });
    stop.current = false;
    try {
      let used = finder;
      if (own !== undefined) {
        used = await opened(own);
        finder?.close();
        setChoice(null);
        setFinder(used);
        setRanked([]);
        setChosen(null);
      }
      if (images.length === 0) return;
      if (used === null) throw new Error("drop a finder first: an .onnx file that arclet export-model wrote");
      const read = await readFiles(images, used.bands);
      const of = read.images.length;
      setProgress({ done: 0, of });
      const made = await rank(
        used,
        wish,
        read.images,
        (done) => setProgress({ done, of }),
        () => stop.current,
      );
      setChoice(made.choice);
      setRanked(made.ranked);
      setChosen(made.ranked[0] ?? null);
      setProblems([...read.problems, ...made.problems]);
    } catch (error) {
      setProblems([error instanceof Error ? error.message : String(error)]);
    } finally {
      setProgress(null);
    }
  };

  return (
    <main
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        take([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <h1>A finder in the browser</h1>
      <p class="drop">
        Drop a finder (an .onnx file of <code>arclet export-model</code>) and cutouts (FITS, PNG or .npy)
        anywhere on this page, or{" "}
        <label>
          choose files{" "}
          <input
            type="file"
            multiple
            onChange={(event) => {
              const input = event.currentTarget;
              take([...(input.files ?? [])]).finally(() => {
                input.value = "";
              });
            }}
          />
        </label>
        . Nothing leaves this machine.
      </p>
      {progress !== null && (
        <p role="status">
          <progress aria-label="Images scored" value={progress.done} max={Math.max(1, progress.of)} />{" "}
          {progress.done} of {progress.of} images{" "}
          <button
            type="button"
            onClick={() => {
              stop.current = true;
            }}
          >
            Stop
          </button>
        </p>
      )}
      <Problems lines={problems} />
      {finder !== null && <About finder={finder} />}
      <Computing wish={wish} setWish={setWish} choice={choice} />
      <div class="results">
        {ranked.length > 0 && <Table ranked={ranked} chosen={chosen} choose={setChosen} />}
        {finder !== null && choice !== null && chosen !== null && (
          <ObjectView finder={finder} engine={choice.engine} one={chosen} />
        )}
      </div>
    </main>
  );
}

async function opened(file: File): Promise<Finder> {
  try {
    return await openFinder(file.name.replace(/\.onnx$/, ""), new Uint8Array(await file.arrayBuffer()));
  } catch (error) {
    throw new Error(`${file.name}: ${error instanceof Error ? error.message : error}`);
  }
}

function Problems({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null;
  const more = lines.length - MOST_PROBLEMS;
  return (
    <ul role="alert" class="problems">
      {lines.slice(0, MOST_PROBLEMS).map((line) => (
        <li key={line}>{line}</li>
      ))}
      {more > 0 && <li>and {more} more</li>}
    </ul>
  );
}
