/**
 * Learning from a search's grades, while people grade on: `arclet train`, then `arclet score`, as processes of their own. When
 * both have ended well, the round closes, and the next one begins with the new ranking. A retraining that fails, or that
 * somebody stops, leaves the search as it was.
 */
import { randomBytes } from "node:crypto";
import { stringify } from "yaml";
import { line } from "../../foundation/command-line.ts";
import { ArcletError, refuse } from "../../foundation/errors.ts";
import type { LearnedRound, LearningAnswer } from "../contract.ts";
import { secondLooks } from "../people/second-look.ts";
import type { Search } from "../search.ts";
import { changesOf } from "./changes.ts";
import { countsOf, gradesByRow } from "./grades.ts";
import { commandsOf, type Plan, planOf, type Wish } from "./plan.ts";
import { type RunningCommand, startCommand } from "./process.ts";
import {
  beginRound,
  endRound,
  learnedCommands,
  learnedRounds,
  logOf,
  type RoundInfo,
  roundFinder,
  roundFolder,
  unfinishedScores,
} from "./round-folder.ts";

interface Work {
  readonly plan: Plan;
  phase: "train" | "score";
  readonly round: number;
  readonly begun: string;
  readonly grader: string;
  command: RunningCommand | null;
  stopping: boolean;
  /** Resolves when all is over, however it ended. */
  over: Promise<void>;
}

export class Learning {
  readonly #search: Search;
  /** Or why nothing can be learned here. */
  readonly #wish: Wish | string;
  readonly #repeats: number;
  readonly #rounds: RoundInfo[] = [];
  #work: Work | null = null;
  #failed: LearningAnswer["failed"] = null;
  /** One after the other: a ranking must not be taken twice. */
  #following: Promise<void> = Promise.resolve();

  private constructor(search: Search, wish: Wish | string, repeats: number) {
    this.#search = search;
    this.#wish = wish;
    this.#repeats = repeats;
  }

  /**
   * Takes the rankings of the rounds that were learned before.
   *
   * @param wish how to learn, or why that can't be
   * @param repeats share of graded objects that the next round shows again
   * @throws ArcletError when a round's files have changed
   */
  static async open(search: Search, wish: Wish | string, repeats = 0): Promise<Learning> {
    const learning = new Learning(search, wish, repeats);
    await learning.follow();
    return learning;
  }

  /** Takes the rounds that another program, or an earlier one, has learned. */
  follow(): Promise<void> {
    this.#following = this.#following.catch(() => {}).then(() => this.takeLearned());
    return this.#following;
  }

  private async takeLearned(): Promise<void> {
    for (const info of learnedRounds(this.#search.folder)) {
      if (this.#rounds.some(({ round }) => round === info.round)) continue;
      this.#search.take(await roundFinder(this.#search, info));
      this.#rounds.push(info);
      // A server that was killed in between had no time to close the round.
      this.close(info.round, info.grader);
    }
  }

  answer(): LearningAnswer {
    const { round } = this.#search.grading;
    const wish = this.#wish;
    const work = this.#work;
    const known = typeof wish === "string" ? null : (work?.plan ?? this.plan(wish));
    return {
      round,
      cannot: typeof wish === "string" ? wish : null,
      commands: known === null ? [] : this.commands(known, round).map(line),
      settings: known === null ? "" : stringify(known.settings.probe ?? known.settings.train),
      running:
        work === null
          ? null
          : {
              phase: work.phase,
              begun: work.begun,
              grader: work.grader,
              stopping: work.stopping,
              lines: [...(work.command?.lines ?? [])],
            },
      failed: this.#failed,
      rounds: this.#rounds.map(shown),
    };
  }

  /**
   * Starts a retraining with the grades of now.
   *
   * @throws ArcletError when one runs already, or nothing can be learned
   */
  async start(grader: string): Promise<void> {
    const wish = this.#wish;
    if (typeof wish === "string") return refuse("inspect", "retrain", `possible: ${wish}`, undefined);
    if (this.#work !== null)
      throw new ArcletError({ where: "inspect", code: "conflict", problem: "a retraining runs already" });
    const { round } = this.#search.grading;
    const work: Work = {
      ...{ plan: this.plan(wish), phase: "train", round, grader, command: null, stopping: false },
      begun: new Date().toISOString(),
      over: Promise.resolve(),
    };
    this.#work = work;
    this.#failed = null;
    let graded: number;
    try {
      graded = await beginRound(this.#search, work.plan, round);
    } catch (error) {
      this.#work = null;
      throw error;
    }
    work.over = this.finish(work, graded);
  }

  /** Asks the one that runs to stop; the second time it is ended at once. */
  stop(): void {
    if (this.#work === null) return;
    this.#work.stopping = true;
    this.#work.command?.stop();
  }

  /** Stops what runs, and resolves when it has ended. */
  async end(): Promise<void> {
    const work = this.#work;
    if (work === null) return;
    this.stop();
    await work.over;
  }

  /** What a retraining with the grades of now would do. */
  private plan(wish: Wish): Plan {
    return planOf(wish, countsOf(this.#search, wish.lensGrades));
  }

  private commands(plan: Plan, round: number): string[][] {
    return commandsOf(plan, roundFolder(this.#search.folder, round));
  }

  private async finish(work: Work, graded: number): Promise<void> {
    try {
      const problem = await this.run(work);
      if (problem === "") await this.take(work, graded);
      else this.#failed = { problem, lines: [...(work.command?.lines ?? [])] };
    } catch (error) {
      // A bug must not end the server, by which people grade.
      if (!(error instanceof ArcletError))
        process.stderr.write(`arclet inspect: ${(error as Error).stack}\n`);
      const problem =
        error instanceof ArcletError ? error.message : "a bug in arclet: the terminal says more";
      this.#failed = { problem, lines: [...(work.command?.lines ?? [])] };
    } finally {
      this.#work = null;
    }
  }

  /** Runs both commands. @returns why one failed, empty if none did */
  private async run(work: Work): Promise<string> {
    const folder = roundFolder(this.#search.folder, work.round);
    const commands = this.commands(work.plan, work.round);
    for (const [k, words] of commands.entries()) {
      if (work.stopping) return STOPPED;
      work.phase = k === 0 ? "train" : "score";
      work.command = startCommand(words, logOf(folder));
      const problem = await work.command.ended;
      if (work.stopping) return STOPPED;
      if (problem !== "") return problem;
    }
    return "";
  }

  private async take({ plan, round, begun, grader }: Work, graded: number): Promise<void> {
    const search = this.#search;
    const folder = roundFolder(search.folder, round);
    const before = search.objects.finders[search.ranking] ?? null;
    const finder = await roundFinder(search, { round, scores: unfinishedScores(folder) });
    const { decoys } = search.objects;
    const made = {
      ...{ round, begun, grader, graded },
      ended: new Date().toISOString(),
      commands: learnedCommands(plan, folder).map(line),
      changes: changesOf(before, finder, gradesByRow(search), new Set(decoys.keys())),
    };
    endRound(folder, made);
    await this.follow();
  }

  /** Closes a round that has been learned, if it is still open. */
  private close(round: number, grader: string): void {
    const search = this.#search;
    if (search.readOnly || search.grading.round !== round) return;
    search.write({
      action: "close",
      grader,
      request: randomBytes(16).toString("hex"),
      ids: secondLooks(search, false, this.#repeats),
    });
  }
}

const STOPPED = "stopped";

const shown = ({ round, begun, ended, grader, graded, commands, changes }: RoundInfo): LearnedRound => ({
  ...{ round, begun, ended, grader, graded, commands, changes },
});
