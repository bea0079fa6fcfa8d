/** What a grader is shown of objects beside their images. Scores stay hidden until the object is graded. */
import { sexagesimalText } from "../sky/sexagesimal.ts";
import { positionText, viewerLinks } from "../sky/viewers.ts";
import type { FinderScore, ObjectFacts, Position } from "./contract.ts";
import { isGraded } from "./grading.ts";
import { hidesPosition, shownId } from "./hidden.ts";
import type { Finder } from "./score-table.ts";
import type { Search } from "./search.ts";

/**
 * Where decoys could be told by an id, a position or a score, these stay hidden until the round is closed.
 *
 * @param showScores also of objects that the grader hasn't graded
 * @param consensus what all graders say, of rows of rounds that are over
 */
export function factsOf(
  search: Search,
  grader: string,
  rows: readonly number[],
  showScores: boolean,
  consensus: ReadonlyMap<number, NonNullable<ObjectFacts["consensus"]>> = new Map(),
): ObjectFacts[] {
  const { objects, grading } = search;
  const { domain, finders } = objects;
  const positions = domain.positions();
  const tell = objects.scoresTell;
  const isOpen = (id: string) => grading.looks(grader, id).some(({ round }) => round === grading.round);
  return rows.map((row) => {
    const id = domain.ids[row]!;
    const { grade, kind, comment, tags } = grading.of(grader, id);
    const hidden = positions === undefined || hidesPosition(search, grader, row);
    const [ra, dec] = hidden ? [null, null] : [positions.ra[row]!, positions.dec[row]!];
    return {
      ...{ row, id: shownId(search, grader, row), grade, kind, comment, tags: [...tags] },
      consensus: isGraded(grade) ? (consensus.get(row) ?? null) : null,
      position: ra === null || dec === null ? null : positionOf(ra, dec),
      scores:
        showScores || (isGraded(grade) && !(tell && isOpen(id)))
          ? finders.map((finder) => scoreOf(finder, row))
          : null,
    };
  });
}

const positionOf = (ra: number, dec: number): Position => ({
  ...{ ra, dec, text: positionText(ra, dec), sexagesimal: sexagesimalText(ra, dec) },
  links: viewerLinks(ra, dec),
});

function scoreOf({ scores, ranks, calibrated }: Finder, row: number): FinderScore | null {
  const score = scores[row]!;
  if (Number.isNaN(score)) return null;
  const probability = calibrated?.[row] ?? Number.NaN;
  return { score, rank: ranks[row]!, calibrated: Number.isNaN(probability) ? null : probability };
}
