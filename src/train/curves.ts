/**
 * A run's training curves: `curves.jsonl`, a line for every twentieth of an epoch, and a TensorBoard event file with the
 * same points and each epoch's validators.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { appendJsonLine, readJsonLines, writeJsonLines } from "../foundation/json-lines.ts";
import type { EpochRecord } from "./log.ts";
import { appendEvents, EVENTS_FILE, type ScalarEvent, writeEvents } from "./tensorboard.ts";

export const CURVES_FILE = "curves.jsonl";
/** At most this many points per epoch. */
const POINTS_PER_EPOCH = 20;

const curvePoint = z.strictObject({
  /** Seconds since 1970. */
  time: z.number(),
  phase: z.string(),
  /** Epochs of the whole run that are done, with the fraction of the unfinished one. */
  epoch: z.number(),
  /** Steps of the whole run that are done. */
  step: z.number().int(),
  /** The steps' numbers, averaged since the last point. */
  values: z.record(z.string(), z.number()),
});

/** A point of a training's curves. */
export type CurvePoint = z.output<typeof curvePoint>;

/** Steps from one point to the next. */
export const stepsPerPoint = (stepsPerEpoch: number): number => Math.ceil(stepsPerEpoch / POINTS_PER_EPOCH);

/**
 * The points of a run's file, in order; none if there is no file. A last line without its end, from a write that was
 * interrupted, is left out.
 *
 * @throws ArcletError when another line is not a point
 */
export function readCurves(run: string): CurvePoint[] {
  const path = join(run, CURVES_FILE);
  if (!existsSync(path)) return [];
  const check = (value: unknown) => curvePoint.parse(value);
  return readJsonLines(path, "drop the last", check, "is not a point of a curve");
}

/** Writes a run's curves during training. */
export class Curves {
  private readonly run: string;
  private readonly writes: boolean;
  private points: CurvePoint[];

  /**
   * @param steps of the run that are done: later points are dropped, since their steps are taken again
   * @param records epochs that are done
   * @param writes whether there are files; of several ranks only one has them
   */
  constructor(run: string, steps: number, records: readonly EpochRecord[], writes = true) {
    this.run = run;
    this.writes = writes;
    this.points = writes ? readCurves(run).filter(({ step }) => step <= steps) : [];
    this.rewrite(records);
  }

  add(point: CurvePoint): void {
    this.points.push(point);
    if (!this.writes) return;
    appendJsonLine(join(this.run, CURVES_FILE), point);
    appendEvents(join(this.run, EVENTS_FILE), [pointEvent(point)]);
  }

  /** Adds a finished epoch, after its points. */
  addEpoch(record: EpochRecord): void {
    if (!this.writes) return;
    appendEvents(join(this.run, EVENTS_FILE), [this.epochEvent(record)]);
  }

  /** Drops the points after a number of steps of the run. */
  goBack(steps: number, records: readonly EpochRecord[]): void {
    this.points = this.points.filter(({ step }) => step <= steps);
    this.rewrite(records);
  }

  /** The latest values of one number. */
  latest(name: string, count: number): number[] {
    return this.points.slice(-count).flatMap(({ values }) => values[name] ?? []);
  }

  private rewrite(records: readonly EpochRecord[]): void {
    if (!this.writes) return;
    writeJsonLines(join(this.run, CURVES_FILE), this.points);
    const events = [...this.points.map(pointEvent), ...records.map((record) => this.epochEvent(record))];
    events.sort((a, b) => a.step - b.step);
    writeEvents(join(this.run, EVENTS_FILE), events[0]?.time ?? Date.now() / 1000, events);
  }

  private epochEvent({ epoch, validators, predicted }: EpochRecord): ScalarEvent {
    const last = this.points.findLast((point) => point.epoch <= epoch);
    const shares = Object.fromEntries(predicted.map((share, k) => [`predicted/class ${k}`, share]));
    const values = { ...tagged("validators", validators), ...shares };
    return { time: last?.time ?? Date.now() / 1000, step: last?.step ?? 0, values };
  }
}

const pointEvent = ({ time, step, values }: CurvePoint): ScalarEvent => ({
  time,
  step,
  values: tagged("train", values),
});

const tagged = (group: string, values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}/${name}`, value]));
