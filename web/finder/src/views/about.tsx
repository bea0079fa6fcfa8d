/** What the finder says of itself. */
import type { Finder } from "../finder.ts";

export function About({ finder }: { finder: Finder }) {
  const { name, about, bands, height, width, pixels } = finder;
  const prior = about.prior === undefined ? null : (JSON.parse(about.prior) as number[])[finder.positive]!;
  const unit = about.zero_point === undefined ? "" : `, of zero point ${about.zero_point}`;
  return (
    <section aria-label="The finder">
      <h2>{name}</h2>
      <p>
        Takes {pixels} pixels{unit} in the bands {bands.join(", ")}, {about.pixel_scale} arcsec a pixel, the
        middle {height} × {width}. Images of another scale or unit get numbers that mean nothing.
      </p>
      {prior !== null && (
        <p>
          Calibrated probabilities are for images of which {(100 * prior).toPrecision(3)} % are of class{" "}
          {about.positive}.
        </p>
      )}
      {about.card !== undefined && (
        <details>
          <summary>Its card</summary>
          <pre>{about.card}</pre>
        </details>
      )}
    </section>
  );
}
