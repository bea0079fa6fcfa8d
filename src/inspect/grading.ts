/**
 * What graders have said so far, as a function of the journal's entries alone. Each grader's part knows nothing of the others'.
 * Rounds follow one another: an entry belongs to the round that was open when it was written.
 */
import type { Progress } from "./contract.ts";
import type { Entry, SaidEntry } from "./entry.ts";
import { GraderPart, type Judgement, type Look } from "./grader-part.ts";
import { CANDIDATE, type Filter, type Grade } from "./grades.ts";

/** What graders say now, by their journal. */
export class Grading {
  readonly #parts = new Map<string, GraderPart>();
  readonly #requests = new Map<string, Entry>();
  readonly #known: Set<string>;
  /** Numbers of the entries that closed a round. */
  readonly #closes: number[] = [];
  #again: readonly string[] = [];

  /** @param known ids of the search's objects: a journal may hold others, of a larger sample, which aren't counted */
  constructor(entries: readonly Entry[], known: ReadonlySet<string>) {
    this.#known = new Set(known);
    for (const one of entries) this.add(one);
  }

  /** Takes in an entry that is in the journal. */
  add(made: Entry): void {
    this.#requests.set(requestKey(made.grader, made.request), made);
    const part = this.part(made.grader);
    if (made.action === "undo") part.remove(made.of);
    else if (made.action === "close") this.close(made.n, made.ids);
    else part.add(made);
  }

  /** Objects that have become the search's. */
  include(ids: readonly string[]): void {
    const fresh = ids.filter((id) => !this.#known.has(id));
    for (const id of fresh) this.#known.add(id);
    for (const part of this.#parts.values()) part.include(fresh);
  }

  /** The round that is open, from 1. */
  get round(): number {
    return this.#closes.length + 1;
  }

  /** Objects to look at again in the open round. */
  get again(): readonly string[] {
    return this.#again;
  }

  /** Those who have said anything. */
  get graders(): string[] {
    return [...this.#parts].flatMap(([name, part]) => (part.ids().length > 0 ? [name] : [])).sort();
  }

  /** The entry that a grader's request has made already. */
  madeBy(grader: string, request: string): Entry | undefined {
    return this.#requests.get(requestKey(grader, request));
  }

  /** What would be undone next: the grader's last act of this round. */
  undoable(grader: string): SaidEntry | undefined {
    return this.part(grader).last;
  }

  /** As the grader sees it: of an object to look at again, the grade of this round alone. */
  of(grader: string, id: string): Judgement {
    return this.part(grader).of(id);
  }

  /** As the grader said it last, in whatever round. */
  saidOf(grader: string, id: string): Judgement {
    return this.part(grader).saidOf(id);
  }

  /** A grader's grades of an object, one a round. */
  looks(grader: string, id: string): Look[] {
    return this.part(grader).looks(id, (n) => this.roundOf(n));
  }

  /** Objects that a grader has said anything of. */
  ids(grader: string): string[] {
    return this.part(grader).ids();
  }

  /** How far a grader is. */
  progress(grader: string): Progress {
    const { by, comments, tags, last } = this.part(grader);
    return {
      round: this.round,
      objects: this.#known.size,
      graded: by.A + by.B + by.C + by.X,
      ...{ by: { ...by }, comments },
      tags: [...tags].map(([tag, objects]) => ({ tag, objects })).sort((a, b) => (a.tag < b.tag ? -1 : 1)),
      undoable: last !== undefined,
    };
  }

  /** The round of an entry by its number. */
  private roundOf(n: number): number {
    return this.#closes.filter((close) => close < n).length + 1;
  }

  private close(n: number, again: readonly string[]): void {
    this.#closes.push(n);
    this.#again = [...new Set(again)];
    for (const part of this.#parts.values()) part.close(n, this.#again);
  }

  private part(grader: string): GraderPart {
    let part = this.#parts.get(grader);
    if (part === undefined) {
      part = new GraderPart(this.#known);
      this.#parts.set(grader, part);
    }
    return part;
  }
}

const requestKey = (grader: string, request: string): string => `${request} ${grader}`;

/** Whether a grade is final: a candidate is still to be graded. */
export const isGraded = (grade: Grade | null): boolean => grade !== null && grade !== CANDIDATE;

/** Whether an object is shown. @param tag only objects with this tag; null for all */
export function passes(
  { grade, comment, tags }: Judgement,
  filter: Filter,
  tag: string | null = null,
): boolean {
  if (tag !== null && !tags.includes(tag)) return false;
  if (filter === "all") return true;
  if (filter === "ungraded") return !isGraded(grade);
  if (filter === "graded") return isGraded(grade);
  if (filter === "candidates") return grade === CANDIDATE;
  if (filter === "commented") return comment !== "";
  return grade === filter;
}
