/** The cells of the experiment on graded rows, and the settings of its trainings. */

/** How rows are chosen to be graded, by the scores of the finder as it comes. */
export const CHOICES = ["top", "uncertain", "random"] as const;
export type Choice = (typeof CHOICES)[number];

export const METHODS = ["probe", "fine-tune", "adamatch"] as const;
export type MethodName = (typeof METHODS)[number];

const ROWS = [10, 30, 100, 300, 1000] as const;

export interface Cell {
  readonly method: MethodName;
  /** `none`: without grades. */
  readonly choice: Choice | "none";
  readonly rows: number;
  readonly seed: number;
}

export const nameOf = ({ method, choice, rows, seed }: Cell): string =>
  `${method}-${choice}-${rows}-seed${seed}`;

/** The finder that training starts from. */
export const FINDER = "cfhtls-display";

/** Rows from which on a fifth is held, to choose the epoch by: of fewer, too few would be lenses. */
export const HELD_FROM = 100;

/** Flags of `train` by method: short trainings, so that all cells take hours and not days. */
export const SETTINGS: Readonly<Record<Exclude<MethodName, "probe">, readonly string[]>> = {
  "fine-tune": ["--fine-tune.epochs", "4", "--fine-tune.lr", "3e-4", "--adapt-steps", "25"],
  adamatch: [
    "--adamatch.epochs",
    "4",
    "--adamatch.batch",
    "24",
    "--adapt-steps",
    "20",
    "--prior",
    "0.98,0.02",
  ],
};

/** Flags of all trainings. */
export const SHARED: readonly string[] = ["--keep", "all", "--validate-on", "256"];

/**
 * The cells in the order in which they run, of which the first are quick and of most use: probes, fine-tuning, then AdaMatch without
 * grades and with them, each with the top of the ranking first.
 *
 * @param asked `all`, or a list of METHOD:CHOICE:ROWS; `adamatch:none:0` is AdaMatch without grades
 */
export function cellsOf(seeds: readonly number[], asked: string): Cell[] {
  const all = METHODS.flatMap((method) =>
    CHOICES.flatMap((choice) => ROWS.map((rows) => ({ method, choice, rows }))),
  );
  const wanted = asked === "all" ? null : new Set(asked.split(","));
  const graded = all.filter(
    ({ method, choice, rows }) => wanted === null || wanted.has(`${method}:${choice}:${rows}`),
  );
  const without = { method: "adamatch" as const, choice: "none" as const, rows: 0 };
  const of = (method: MethodName) => graded.filter((cell) => cell.method === method);
  const cells = [
    ...of("probe"),
    ...of("fine-tune"),
    ...(wanted === null || wanted.has("adamatch:none:0") ? [without] : []),
    ...of("adamatch"),
  ];
  return cells.flatMap((cell) => seeds.map((seed) => ({ ...cell, seed })));
}
