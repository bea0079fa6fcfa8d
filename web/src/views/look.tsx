/** How images are shown: stretch, contrast, bands, zoom. */
import { DEFAULTS, type Display, STRETCHES } from "../draw/display.ts";
import type { SearchState } from "../state/use-search.ts";
import { THEMES, type Theme } from "../state/view.ts";

const NAMES: Record<(typeof STRETCHES)[number], string> = {
  lupton: "Lupton",
  asinh: "asinh",
  log: "log",
  sqrt: "square root",
  linear: "linear",
};

/** The least and the most that white and zoom can be. */
export const WHITE = [2, 5000] as const;
export const ZOOM = [1, 6] as const;

export const within = (value: number, [least, most]: readonly [number, number]): number =>
  Math.min(Math.max(value, least), most);

export function LookPanel({ search }: { search: SearchState }) {
  const { view, change, session } = search;
  const { display } = view;
  const { bands, pixels } = session.dataset;
  const set = (part: Partial<Display>) => change({ display: { ...display, ...part } });
  return (
    <section class="panel look" aria-label="Display">
      <h2>Display</h2>
      {pixels === "flux" && (
        <>
          <label>
            <span>Stretch</span>
            <select
              value={display.stretch}
              onChange={(event) => set({ stretch: event.currentTarget.value as Display["stretch"] })}
            >
              {STRETCHES.map((name) => (
                <option key={name} value={name}>
                  {NAMES[name]}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span>White</span>
            <input
              type="range"
              min={Math.log(WHITE[0])}
              max={Math.log(WHITE[1])}
              step="any"
              value={Math.log(display.white)}
              aria-valuetext={`${display.white.toFixed(0)} noise levels`}
              onInput={(event) => set({ white: Math.exp(Number(event.currentTarget.value)) })}
            />
            <span class="value">{display.white.toFixed(0)} σ</span>
          </label>
          <label>
            <span>Black</span>
            <input
              type="range"
              min={-5}
              max={5}
              step={0.1}
              value={display.black}
              aria-valuetext={`${display.black.toFixed(1)} noise levels`}
              onInput={(event) => set({ black: Number(event.currentTarget.value) })}
            />
            <span class="value">{display.black.toFixed(1)} σ</span>
          </label>
        </>
      )}
      <label>
        <span>Zoom</span>
        <input
          type="range"
          min={ZOOM[0]}
          max={ZOOM[1]}
          step={0.25}
          value={display.zoom}
          aria-valuetext={`${display.zoom} times`}
          onInput={(event) => set({ zoom: Number(event.currentTarget.value) })}
        />
        <span class="value">{display.zoom}×</span>
      </label>
      {bands.length > 1 && (
        <label>
          <span>Bands</span>
          <select
            value={display.band ?? "all"}
            onChange={(event) => {
              const { value } = event.currentTarget;
              set({ band: value === "all" ? null : Number(value) });
            }}
          >
            <option value="all">composite</option>
            {bands.map((name, k) => (
              <option key={name} value={k}>
                {name} alone
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={display.inverted}
          onChange={(event) => set({ inverted: event.currentTarget.checked })}
        />
        <span>Inverted</span>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={display.smooth}
          onChange={(event) => set({ smooth: event.currentTarget.checked })}
        />
        <span>Smooth</span>
      </label>
      <label>
        <span>Theme</span>
        <select
          value={view.theme}
          onChange={(event) => change({ theme: event.currentTarget.value as Theme })}
        >
          {THEMES.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button type="button" onClick={() => change({ display: DEFAULTS })}>
        Reset
      </button>
    </section>
  );
}
