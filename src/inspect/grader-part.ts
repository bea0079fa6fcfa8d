/** One grader's entries that count, by object and in their order. */
import type { CommentEntry, GradeEntry, SaidEntry, TagsEntry } from "./entry.ts";
import { CANDIDATE, type Grade, type Kind } from "./grades.ts";

/** What one grader says of one object now. */
export interface Judgement {
  /** The grade; null for none. */
  readonly grade: Grade | null;
  /** What it is, if no lens. */
  readonly kind: Kind | null;
  /** The comment; empty for none. */
  readonly comment: string;
  /** The grader's tags. */
  readonly tags: readonly string[];
  /** When it was graded last, and how long the grader looked; null without a grade. */
  readonly at: string | null;
  /** Time to the grade; null if unknown. */
  readonly seconds: number | null;
}

/** One grade of an object, and the round in which it was given. */
export interface Look {
  readonly round: number;
  readonly grade: Grade;
  readonly kind: Kind | null;
  readonly at: string;
}

const NONE: Judgement = { grade: null, kind: null, comment: "", tags: [], at: null, seconds: null };

export class GraderPart {
  /** Of the search's objects: a journal may hold others. */
  readonly #known: ReadonlySet<string>;
  readonly by: Record<Grade, number> = { A: 0, B: 0, C: 0, X: 0, candidate: 0 };
  comments = 0;
  readonly tags = new Map<string, number>();
  readonly #grades = new Map<string, GradeEntry[]>();
  readonly #comments = new Map<string, CommentEntry[]>();
  readonly #tags = new Map<string, TagsEntry[]>();
  /** Entries of this round, which can be undone, the last one last. */
  readonly #done: SaidEntry[] = [];
  /** Entries up to this number are of earlier rounds. */
  #closed = 0;
  /** Objects to look at again in this round. */
  #again: ReadonlySet<string> = new Set();

  constructor(known: ReadonlySet<string>) {
    this.#known = known;
  }

  add(made: SaidEntry): void {
    this.#done.push(made);
    this.changing(made.ids, () => {
      for (const id of made.ids) this.listOf(made, id).push(made);
    });
  }

  remove(n: number): void {
    const at = this.#done.findLastIndex((one) => one.n === n);
    if (at < 0) return;
    const [gone] = this.#done.splice(at, 1);
    this.changing(gone!.ids, () => {
      for (const id of gone!.ids) {
        const list = this.listOf(gone!, id);
        list.splice(list.lastIndexOf(gone!), 1);
      }
    });
  }

  /** Ends a round with entry `n`: its entries can't be undone any more, and these objects are to be graded again. */
  close(n: number, again: readonly string[]): void {
    this.#done.length = 0;
    const both = [...new Set([...this.#again, ...again])];
    this.changing(both, () => {
      this.#closed = n;
      this.#again = new Set(again);
    });
  }

  /** Counts what was said of objects that have become the search's. */
  include(ids: readonly string[]): void {
    for (const id of ids) this.count(id, 1);
  }

  get last(): SaidEntry | undefined {
    return this.#done.at(-1);
  }

  /** As the grader sees it: of an object to look at again, the grade of this round alone. */
  of(id: string): Judgement {
    const given = this.#grades.get(id)?.at(-1);
    const earlier = given !== undefined && given.n <= this.#closed && this.#again.has(id);
    return this.judgement(id, earlier ? undefined : given);
  }

  /** As it was said last, in whatever round. */
  saidOf(id: string): Judgement {
    return this.judgement(id, this.#grades.get(id)?.at(-1));
  }

  /** The last grade of each round. @param roundOf the round of an entry's number */
  looks(id: string, roundOf: (n: number) => number): Look[] {
    const byRound = new Map<number, Look>();
    for (const { n, grade, kind, at } of this.#grades.get(id) ?? []) {
      const round = roundOf(n);
      if (grade === null || grade === CANDIDATE) byRound.delete(round);
      else byRound.set(round, { round, grade, kind, at });
    }
    return [...byRound.values()];
  }

  /** Ids that have a grade, a candidate's mark, a comment or a tag, each once. */
  ids(): string[] {
    const lists = [this.#grades, this.#comments, this.#tags] as Map<string, SaidEntry[]>[];
    const filled = lists.flatMap((of) => [...of].flatMap(([id, list]) => (list.length > 0 ? [id] : [])));
    return [...new Set(filled)];
  }

  private judgement(id: string, given: GradeEntry | undefined): Judgement {
    const comment = this.#comments.get(id)?.at(-1)?.comment ?? "";
    const tags = this.#tags.get(id)?.at(-1)?.tags ?? [];
    if (given === undefined) return { ...NONE, comment, tags };
    const { grade, kind, at, seconds, ids } = given;
    return {
      ...{ grade, kind, comment, tags },
      at: grade === null ? null : at,
      seconds: grade === null || seconds === null ? null : seconds / ids.length,
    };
  }

  private listOf(made: SaidEntry, id: string): SaidEntry[] {
    const lists = { grade: this.#grades, comment: this.#comments, tags: this.#tags }[made.action];
    return listed(lists as Map<string, SaidEntry[]>, id);
  }

  /** Changes what is said of objects, each named once, and the counts with it. */
  private changing(ids: readonly string[], change: () => void): void {
    const counted = [...new Set(ids)].filter((id) => this.#known.has(id));
    for (const id of counted) this.count(id, -1);
    change();
    for (const id of counted) this.count(id, 1);
  }

  private count(id: string, by: 1 | -1): void {
    const { grade, comment, tags } = this.of(id);
    if (grade !== null) this.by[grade] += by;
    if (comment !== "") this.comments += by;
    for (const tag of tags) {
      const count = (this.tags.get(tag) ?? 0) + by;
      if (count === 0) this.tags.delete(tag);
      else this.tags.set(tag, count);
    }
  }
}

function listed<T>(lists: Map<string, T[]>, id: string): T[] {
  let list = lists.get(id);
  if (list === undefined) {
    list = [];
    lists.set(id, list);
  }
  return list;
}
