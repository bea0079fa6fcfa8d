/**
 * What a run can be watched by: `curves.jsonl`, a line for every twentieth of an epoch, and the same with each epoch's
 * validators as a TensorBoard event file.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { appendJsonLine, readJsonLines, writeJsonLines } from "../foundation/json-lines.ts";
import type { EpochRecord } from "./log.ts";
import { appendEvents, EVENTS_FILE, type ScalarEvent, writeEvents } from "./tensorboard.ts";

export const CURVES_FILE = "curves.jsonl";
/** Points of an epoch, at most. */
const POINTS = 20;

const curvePoint = z.strictObject({
  /** Seconds since 1970. */
  time: z.number(),
  phase: z.string(),
  /** Epochs of the whole run that are done, with the part of the unfinished one. */
  epoch: z.number(),
  /** Steps of the whole run. */
  step: z.number().int(),
  /** The steps' numbers, averaged since the point before. */
  values: z.record(z.string(), z.number()),
});

export type CurvePoint = z.output<typeof curvePoint>;

/** Steps from one point to the next. */
export const stepsPerPoint = (stepsPerEpoch: number): number => Math.ceil(stepsPerEpoch / POINTS);

/**
 * The points of a run's file, in their order; none where there is no file. A last line without its end was cut off, and is
 * left out.
 *
 * @throws ArcletError when another line is not a point
 */
export function readCurves(run: string): CurvePoint[] {
  const path = join(run, CURVES_FILE);
  if (!existsSync(path)) return [];
  const check = (value: unknown) => curvePoint.parse(value);
  return readJsonLines(path, "drop the last", check, "is not a point of a curve");
}

/** Writes a run's curves as it goes. */
export class Curves {
  private readonly run: string;
  private points: CurvePoint[];

  /**
   * @param steps of the run that are done: points beyond are of a time that is done again
   * @param records epochs that are done
   */
  constructor(run: string, steps: number, records: readonly EpochRecord[]) {
    this.run = run;
    this.points = readCurves(run).filter(({ step }) => step <= steps);
    this.rewrite(records);
  }

  /** Takes a point. */
  add(point: CurvePoint): void {
    this.points.push(point);
    appendJsonLine(join(this.run, CURVES_FILE), point);
    appendEvents(join(this.run, EVENTS_FILE), [pointEvent(point)]);
  }

  /** Takes an epoch that has ended; its points are there. */
  addEpoch(record: EpochRecord): void {
    appendEvents(join(this.run, EVENTS_FILE), [this.epochEvent(record)]);
  }

  /** Forgets the points beyond so many steps of the run. */
  goBack(steps: number, records: readonly EpochRecord[]): void {
    this.points = this.points.filter(({ step }) => step <= steps);
    this.rewrite(records);
  }

  /** The latest values of a name. */
  latest(name: string, count: number): number[] {
    return this.points.slice(-count).flatMap(({ values }) => values[name] ?? []);
  }

  private rewrite(records: readonly EpochRecord[]): void {
    writeJsonLines(join(this.run, CURVES_FILE), this.points);
    const events = [...this.points.map(pointEvent), ...records.map((record) => this.epochEvent(record))];
    events.sort((a, b) => a.step - b.step);
    writeEvents(join(this.run, EVENTS_FILE), events[0]?.time ?? Date.now() / 1000, events);
  }

  private epochEvent({ epoch, validators, predicted }: EpochRecord): ScalarEvent {
    const last = this.points.findLast((point) => point.epoch <= epoch);
    const parts = Object.fromEntries(predicted.map((part, k) => [`predicted/class ${k}`, part]));
    const values = { ...tagged("validators", validators), ...parts };
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
