/** The student's threshold, and how it does on rows held out. */
import { join, resolve } from "node:path";
import { INFO_FILE, readInfo } from "../../dataset/info.ts";
import { wilson } from "../intervals.ts";
import type { CascadeConfig } from "./config.ts";
import type { Cascade } from "./file.ts";
import { quantilesOf } from "./likeness.ts";
import { isPromised, promisedThreshold } from "./promise.ts";
import type { Student } from "./student.ts";
import { studentOdds } from "./student-odds.ts";
import { type BarOf, indicesOf, type Taught } from "./taught.ts";

/** @throws ArcletError as `promisedThreshold`; Interrupted when the user stops it */
export async function judge(
  student: Student,
  taught: readonly Taught[],
  { loss, threshold, promisedOn }: CascadeConfig,
  barOf: BarOf,
): Promise<Pick<Cascade, "passes" | "range" | "heldOut" | "data">> {
  const sides = taught.map((one) => [indicesOf(one, "calibrated"), indicesOf(one, "heldOut")] as const);
  const bar = barOf("calibrate", sides.flat(2).length);
  const seen: { calibrated: Side; heldOut: Side }[] = [];
  try {
    for (const [k, [calibrated, heldOut]] of sides.entries()) {
      const of = async (indices: readonly number[]) =>
        sideOf(student, taught[k]!, indices, (n) => bar.tick(n));
      seen.push({ calibrated: await of(calibrated), heldOut: await of(heldOut) });
    }
  } finally {
    bar.done();
  }
  const promised = taught.map(({ folder }) => isPromised(folder, promisedOn));
  const counted = seen.filter((_, k) => promised[k]);
  const { threshold: passes, together } = promisedThreshold(
    counted.map(({ calibrated }) => calibrated.above),
    loss,
    threshold,
  );
  const data = taught.map(({ folder, domain, parts }, k) => {
    const { calibrated, heldOut } = seen[k]!;
    const { name } = domain.info;
    const { contentHash } = readInfo(join(folder, INFO_FILE));
    return {
      ...{ name, folder: resolve(folder), contentHash },
      learned: parts.filter((part) => part === "learned").length,
      ...{ calibrated: calibrated.odds.length, heldOut: heldOut.odds.length },
      ...{ promised: promised[k]!, above: new Set(calibrated.above.groups).size },
      ...lostOf([heldOut.above], passes),
      rejected: heldOut.odds.filter((odds) => odds < passes).length / Math.max(1, heldOut.odds.length),
      quantiles: quantilesOf(heldOut.odds.length > 0 ? heldOut.odds : calibrated.odds),
    };
  });
  return {
    passes,
    range: together.range,
    data,
    heldOut: lossOf(
      counted.map((one) => one.heldOut.above),
      passes,
    ),
  };
}

interface Side {
  /** Of all rows. */
  readonly odds: Float32Array;
  /** Those above the finder's threshold. */
  readonly above: { readonly odds: number[]; readonly groups: string[] };
}

async function sideOf(
  student: Student,
  { domain, rows, odds: finder }: Taught,
  indices: readonly number[],
  tick: (images: number) => void,
): Promise<Side> {
  const own = indices.map((i) => rows[i]!);
  const odds = await studentOdds(student, domain, own, (part) => tick(part.length));
  const above = [...indices.keys()].filter((k) => finder[indices[k]!]! >= 0);
  return {
    odds,
    above: { odds: above.map((k) => odds[k]!), groups: above.map((k) => domain.groups[own[k]!]!) },
  };
}

/** Groups of held-out rows above the finder's threshold, and those of which a row is rejected. */
function lostOf(above: readonly Side["above"][], passes: number) {
  const groups = new Set(above.flatMap((one) => one.groups));
  const lost = new Set(above.flatMap(({ odds, groups: of }) => of.filter((_, i) => odds[i]! < passes)));
  return { aboveHeldOut: groups.size, lost: lost.size };
}

/** The share of groups of which a row is rejected. */
function lossOf(above: readonly Side["above"][], passes: number): Cascade["heldOut"] {
  const { aboveHeldOut: groups, lost } = lostOf(above, passes);
  if (groups === 0) return { groups, lost, loss: null, low: 0, high: 1 };
  return { groups, lost, loss: lost / groups, ...wilson(lost, groups) };
}
