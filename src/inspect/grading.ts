/** What graders have said so far, as a function of the journal's entries alone. Each grader's part knows nothing of the others'. */
import type { Progress } from "./contract.ts";
import type { CommentEntry, Entry, GradeEntry } from "./entry.ts";
import { CANDIDATE, type Filter, type Grade, type Kind } from "./grades.ts";

/** What one grader says of one object now. */
export interface Judgement {
  readonly grade: Grade | null;
  readonly kind: Kind | null;
  readonly comment: string;
  /** When it was graded last, and how long the grader looked; null without a grade. */
  readonly at: string | null;
  readonly seconds: number | null;
}

const NONE: Judgement = { grade: null, kind: null, comment: "", at: null, seconds: null };

/** One grader's entries that count, by object and in their order. */
class GraderPart {
  /** Of the search's objects: a journal may hold others. */
  readonly #known: ReadonlySet<string>;
  readonly by: Record<Grade, number> = { A: 0, B: 0, C: 0, X: 0, candidate: 0 };
  comments = 0;
  readonly #grades = new Map<string, GradeEntry[]>();
  readonly #comments = new Map<string, CommentEntry[]>();
  /** Entries that can be undone, the last one last. */
  readonly #done: (GradeEntry | CommentEntry)[] = [];

  constructor(known: ReadonlySet<string>) {
    this.#known = known;
  }

  add(made: GradeEntry | CommentEntry): void {
    this.#done.push(made);
    this.changing(made.ids, (id) => {
      if (made.action === "grade") listed(this.#grades, id).push(made);
      else listed(this.#comments, id).push(made);
    });
  }

  remove(n: number): void {
    const at = this.#done.findLastIndex((one) => one.n === n);
    if (at < 0) return;
    const [gone] = this.#done.splice(at, 1);
    const lists: Map<string, (GradeEntry | CommentEntry)[]> =
      gone!.action === "grade" ? this.#grades : this.#comments;
    this.changing(gone!.ids, (id) => {
      const list = listed(lists, id);
      list.splice(list.lastIndexOf(gone!), 1);
      if (list.length === 0) lists.delete(id);
    });
  }

  get last(): GradeEntry | CommentEntry | undefined {
    return this.#done.at(-1);
  }

  of(id: string): Judgement {
    const given = this.#grades.get(id)?.at(-1);
    const comment = this.#comments.get(id)?.at(-1)?.comment ?? "";
    if (given === undefined) return comment === "" ? NONE : { ...NONE, comment };
    const { grade, kind, at, seconds, ids } = given;
    return {
      ...{ grade, kind, comment },
      at: grade === null ? null : at,
      seconds: grade === null || seconds === null ? null : seconds / ids.length,
    };
  }

  /** Ids that have a grade, a candidate's mark or a comment, each once. */
  ids(): string[] {
    return [...new Set([...this.#grades.keys(), ...this.#comments.keys()])];
  }

  /** Changes objects, and the counts with them. */
  private changing(ids: readonly string[], change: (id: string) => void): void {
    for (const id of ids) {
      const counted = this.#known.has(id);
      if (counted) this.count(id, -1);
      change(id);
      if (counted) this.count(id, 1);
    }
  }

  private count(id: string, by: 1 | -1): void {
    const { grade, comment } = this.of(id);
    if (grade !== null) this.by[grade] += by;
    if (comment !== "") this.comments += by;
  }
}

export class Grading {
  readonly #parts = new Map<string, GraderPart>();
  readonly #requests = new Map<string, Entry>();
  readonly #known: ReadonlySet<string>;

  /** @param known ids of the search's objects: a journal may hold others, of a larger sample, which aren't counted */
  constructor(entries: readonly Entry[], known: ReadonlySet<string>) {
    this.#known = known;
    for (const one of entries) this.add(one);
  }

  add(made: Entry): void {
    this.#requests.set(requestKey(made.grader, made.request), made);
    const part = this.part(made.grader);
    if (made.action === "undo") part.remove(made.of);
    else part.add(made);
  }

  /** Those who have said anything. */
  get graders(): string[] {
    return [...this.#parts].flatMap(([name, part]) => (part.ids().length > 0 ? [name] : [])).sort();
  }

  /** The entry that a grader's request has made already. */
  madeBy(grader: string, request: string): Entry | undefined {
    return this.#requests.get(requestKey(grader, request));
  }

  /** What would be undone next: the grader's last grade or comment, however old. */
  undoable(grader: string): GradeEntry | CommentEntry | undefined {
    return this.part(grader).last;
  }

  of(grader: string, id: string): Judgement {
    return this.part(grader).of(id);
  }

  /** Objects that a grader has said anything of. */
  ids(grader: string): string[] {
    return this.part(grader).ids();
  }

  progress(grader: string): Progress {
    const { by, comments, last } = this.part(grader);
    return {
      objects: this.#known.size,
      graded: by.A + by.B + by.C + by.X,
      ...{ by: { ...by }, comments },
      undoable: last !== undefined,
    };
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

/** Whether an object is shown. */
export function passes({ grade, comment }: Judgement, filter: Filter): boolean {
  if (filter === "all") return true;
  if (filter === "ungraded") return !isGraded(grade);
  if (filter === "graded") return isGraded(grade);
  if (filter === "candidates") return grade === CANDIDATE;
  if (filter === "commented") return comment !== "";
  return grade === filter;
}

function listed<T>(lists: Map<string, T[]>, id: string): T[] {
  let list = lists.get(id);
  if (list === undefined) {
    list = [];
    lists.set(id, list);
  }
  return list;
}
