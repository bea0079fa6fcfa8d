/** The ranking, and its file. */
import { useMemo } from "preact/hooks";
import { csvOf, type Ranked } from "../ranking.ts";

interface TableProps {
  ranked: readonly Ranked[];
  chosen: Ranked | null;
  choose: (one: Ranked) => void;
}

export function Table({ ranked, chosen, choose }: TableProps) {
  const href = useMemo(() => URL.createObjectURL(new Blob([csvOf(ranked)], { type: "text/csv" })), [ranked]);
  return (
    <section aria-label="The ranking">
      <p>
        {ranked.length} {ranked.length === 1 ? "image" : "images"}, best first.{" "}
        <a href={href} download="scores.csv">
          Save as scores.csv
        </a>
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">rank</th>
              <th scope="col">image</th>
              <th scope="col">score</th>
              <th scope="col">calibrated</th>
            </tr>
          </thead>
          <tbody>
            {ranked.map((one, i) => (
              <tr key={one.name} class={one === chosen ? "chosen" : ""}>
                <td>{i + 1}</td>
                <td>
                  <button type="button" onClick={() => choose(one)}>
                    {one.name}
                  </button>
                </td>
                <td>{one.score.toFixed(5)}</td>
                <td>{one.calibrated === null ? "" : one.calibrated.toPrecision(4)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
