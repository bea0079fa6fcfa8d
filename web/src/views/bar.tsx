/** The bar above: which objects in which order, how far one is, and what leaves this page. */
import {
  EXPORTS,
  type ExportFormat,
  FILTERS,
  type Filter,
  MOST_OBJECTS,
  type OrderName,
} from "../../../src/inspect/grades.ts";
import type { SearchState } from "../state/use-search.ts";
import { Select } from "./settings.tsx";

const ORDER_NAMES: Record<OrderName, string> = {
  score: "highest score first",
  uncertain: "most uncertain first",
  disagreement: "finders disagree first",
  split: "graders disagree first",
  consensus: "highest mean grade first",
  swap: "probability by graders (SWAP)",
  random: "random",
  sample: "the sample's order",
  table: "the dataset's order",
};
const FILTER_NAMES: Record<Filter, string> = {
  all: "all objects",
  ungraded: "to grade",
  graded: "graded",
  candidates: "candidates",
  commented: "with a comment",
  A: "grade A",
  B: "grade B",
  C: "grade C",
  X: "grade X",
};
const SIDES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20];

interface Props {
  search: SearchState;
  help: () => void;
}

export function Bar({ search, help }: Props) {
  const { session, view, change, progress, reload } = search;
  return (
    <header class="bar">
      <h1>
        <span class="mark" aria-hidden="true" />
        {session.dataset.name}
      </h1>
      <fieldset class="tabs" aria-label="View">
        {(["mosaic", "single"] as const).map((mode) => (
          <button key={mode} type="button" aria-pressed={view.mode === mode} onClick={() => change({ mode })}>
            {mode === "mosaic" ? "Mosaic" : "One by one"}
          </button>
        ))}
      </fieldset>
      <Select
        label="Show"
        value={view.show}
        values={FILTERS.map((name) => [name, FILTER_NAMES[name]])}
        choose={(show) => change({ show, row: null })}
      />
      <Select
        label="Order"
        value={view.by}
        values={session.orders.map((name) => [name, ORDER_NAMES[name]])}
        choose={(by) => change({ by, row: null })}
      />
      {progress.tags.length > 0 && (
        <Select
          label="Tag"
          value={view.tag ?? ""}
          values={[
            ["", "any"],
            ...progress.tags.map(({ tag, objects }) => [tag, `${tag} (${objects})`] as const),
          ]}
          choose={(tag) => change({ tag: tag === "" ? null : tag, row: null })}
        />
      )}
      {session.finders.length > 1 && (view.by === "score" || view.by === "uncertain") && (
        <Select
          label="Finder"
          value={String(view.finder)}
          values={session.finders.map(({ name }, k) => [String(k), name])}
          choose={(finder) => change({ finder: Number(finder), row: null })}
        />
      )}
      {view.by === "random" && (
        <label>
          <span>Seed</span>
          <input
            type="number"
            min={0}
            max={2 ** 31}
            value={view.seed}
            onChange={(event) =>
              change({ seed: Math.max(0, Math.trunc(Number(event.currentTarget.value)) || 0) })
            }
          />
        </label>
      )}
      {view.mode === "mosaic" && <Size search={search} />}
      <button type="button" onClick={reload} title="Ask for the list again: what you graded leaves it">
        Refresh
      </button>
      <div class="rest">
        <div class="progress">
          <progress max={progress.objects} value={progress.graded} aria-label="Graded" />
          <span>
            {progress.graded} of {progress.objects} graded
            {progress.by.candidate > 0 && `, ${progress.by.candidate} ★`}
          </span>
        </div>
        <Export search={search} />
        <button type="button" onClick={help} aria-label="Keys and help">
          ?
        </button>
      </div>
    </header>
  );
}

function Size({ search: { view, change } }: { search: SearchState }) {
  const sides = (other: number) =>
    SIDES.filter((side) => side * other <= MOST_OBJECTS).map((side) => [String(side), String(side)] as const);
  return (
    <>
      <Select
        label="Columns"
        value={String(view.columns)}
        values={sides(view.rows)}
        choose={(columns) => change({ columns: Number(columns) })}
      />
      <Select
        label="Rows"
        value={String(view.rows)}
        values={sides(view.columns)}
        choose={(rows) => change({ rows: Number(rows) })}
      />
    </>
  );
}

function Export({ search: { api, fail } }: { search: SearchState }) {
  const save = async (format: ExportFormat) => {
    try {
      const { name, blob } = await api.exported(format);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (error) {
      fail(error);
    }
  };
  return (
    <label>
      <span>Save grades</span>
      <select
        value=""
        onChange={(event) => {
          const format = event.currentTarget.value as ExportFormat;
          event.currentTarget.value = "";
          void save(format);
        }}
      >
        <option value="" disabled>
          as …
        </option>
        {Object.entries(EXPORTS).map(([format, name]) => (
          <option key={format} value={format}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
