/**
 * The people who grade: what they say together, how far they agree, and how good each is. In an open round everybody sees
 * only of themselves; when it is closed, all that was said in it may be seen.
 */
import { type Consensus, consensusOf } from "../../evaluate/grading/consensus.ts";
import { swap, type Verdict } from "../../evaluate/grading/swap.ts";
import type { GraderSummary, ObjectFacts, PeopleAnswer } from "../contract.ts";
import { isGraded } from "../grading.ts";
import type { Said } from "../orders.ts";
import type { Search } from "../search.ts";
import { type GraderLooks, gradeIndex, gradesTable, looksOf } from "./looks.ts";
import { skillOf } from "./skill.ts";

/** Decoys of the open round count in such steps, so that no single one shows itself by changing a figure. */
const STEP = 10;
/** Of the bootstrap behind alpha's interval. */
const SEED = 0;

export interface PeopleRules {
  /** Grades that say lens. */
  readonly lensGrades: readonly string[];
  /** Share of lenses among the objects before anybody looked, for SWAP. */
  readonly prior: number;
}

/** What follows from the rounds that are over; all by row of the dataset. */
export interface Closed {
  readonly round: number;
  readonly all: readonly GraderLooks[];
  readonly consensus: Consensus | null;
  readonly facts: ReadonlyMap<number, NonNullable<ObjectFacts["consensus"]>>;
  /** The widest gap between two graders' grades; only of objects that two have graded. */
  readonly split: ReadonlyMap<number, number>;
  /** P(lens) by SWAP; null without graded decoys. */
  readonly swap: ReadonlyMap<number, number> | null;
}

export class People {
  readonly #search: Search;
  readonly #rules: PeopleRules;
  #computing: { round: number; closed: Promise<Closed> } | null = null;

  constructor(search: Search, rules: PeopleRules) {
    this.#search = search;
    this.#rules = rules;
  }

  private get isLens(): (grade: string) => boolean {
    return (grade) => this.#rules.lensGrades.includes(grade);
  }

  /** What the rounds that are over say; null if none is. Computed once a round. */
  async closed(): Promise<Closed | null> {
    const { round } = this.#search.grading;
    if (round === 1) return null;
    if (this.#computing?.round !== round) this.#computing = { round, closed: this.compute(round) };
    return this.#computing.closed;
  }

  /** What it says as orders. */
  async said(): Promise<Said> {
    const closed = await this.closed();
    if (closed === null) return { split: null, consensus: null, swap: null };
    const means = new Map([...closed.facts].map(([row, { mean }]) => [row, mean]));
    return {
      split: closed.split.size > 0 ? closed.split : null,
      consensus: means.size > 0 ? means : null,
      swap: closed.swap,
    };
  }

  async answer(grader: string): Promise<PeopleAnswer> {
    const { grading } = this.#search;
    const closed = await this.closed();
    return {
      round: grading.round,
      own: this.own(grader),
      closed:
        closed === null
          ? null
          : {
              graders: this.summaries(closed),
              shared: closed.consensus?.shared ?? 0,
              agreement: (closed.consensus?.agreement ?? []).map(({ level, alpha, interval }) => ({
                ...{ level, alpha },
                ...{ low: interval?.low ?? null, high: interval?.high ?? null },
              })),
            },
    };
  }

  private own(grader: string): PeopleAnswer["own"] {
    const { grading, objects } = this.#search;
    const { decoys, domain } = objects;
    const said = [...decoys.keys()].flatMap((row) => {
      const { grade, at } = grading.saidOf(grader, domain.ids[row]!);
      return isGraded(grade) ? [{ row, grade: grade!, at: at! }] : [];
    });
    const shown = said.sort((a, b) => (a.at < b.at ? -1 : 1)).slice(0, said.length - (said.length % STEP));
    return {
      grader,
      graded: grading.progress(grader).graded,
      decoys: decoys.size > 0,
      ...skillOf(new Map(shown.map(({ row, grade }) => [row, grade])), decoys, this.isLens),
    };
  }

  private summaries({ all, consensus }: Closed): GraderSummary[] {
    const { decoys } = this.#search.objects;
    return all.map(({ grader, looks }, j) => {
      const said = new Map(
        [...decoys.keys()].flatMap((row) => (looks.has(row) ? [[row, looks.get(row)!.at(-1)!.grade]] : [])),
      );
      const { above = null, right = null, repeated = 0, same = null } = consensus?.graders[j] ?? {};
      return {
        ...{ grader, graded: looks.size, above, truth: right },
        same: same === null ? null : { right: Math.round(same.value * repeated), of: repeated, ...same },
        ...skillOf(said, decoys, this.isLens),
      };
    });
  }

  private async compute(round: number): Promise<Closed> {
    const search = this.#search;
    const all = looksOf(search, round);
    const made = gradesTable(search, all);
    const consensus = made === null ? null : await consensusOf(made.table, SEED);
    const facts = new Map<number, NonNullable<ObjectFacts["consensus"]>>();
    const split = new Map<number, number>();
    const lenses = made?.table.names.map((name) => this.isLens(name)) ?? [];
    for (const [k, row] of made?.rows.entries() ?? []) {
      const posterior = consensus!.model?.posterior[k];
      facts.set(row, {
        mean: consensus!.means[k]!,
        graders: consensus!.counts[k]!,
        lens: posterior?.reduce((sum, share, grade) => sum + (lenses[grade] ? share : 0), 0) ?? null,
      });
      const grades = all.flatMap(({ looks }) => looks.get(row)?.slice(-1) ?? []).map(gradeIndex);
      if (grades.length > 1) split.set(row, Math.max(...grades) - Math.min(...grades));
    }
    return { round, all, consensus, facts, split, swap: this.swapped(round) };
  }

  /** Everybody's verdicts of closed rounds in the order of time. */
  private swapped(round: number): Closed["swap"] {
    const { objects, grading } = this.#search;
    const { domain, decoys, rows } = objects;
    const verdicts: (Verdict & { at: string; row: number })[] = [];
    for (const [grader, name] of grading.graders.entries())
      for (const [object, row] of rows.entries()) {
        const look = grading.looks(name, domain.ids[row]!).findLast((one) => one.round < round);
        if (look !== undefined)
          verdicts.push({ object, grader, row, lens: this.isLens(look.grade), at: look.at });
      }
    if (!verdicts.some(({ row }) => decoys.has(row))) return null;
    const known = new Map(
      [...rows].flatMap((row, k) => (decoys.has(row) ? [[k, decoys.get(row) === "lens"]] : [])),
    );
    const { probabilities } = swap(
      verdicts.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at))),
      known,
      { objects: rows.length, graders: grading.graders.length, prior: this.#rules.prior },
    );
    return new Map([...rows].map((row, k) => [row, probabilities[k]!]));
  }
}
