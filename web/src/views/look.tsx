/** How images are shown: stretch, contrast, bands, zoom. */
import { COLOUR_MAPS } from "../draw/colour-maps.ts";
import { DEFAULTS, type Display, STRETCHES } from "../draw/display.ts";
import { BIAS, BLACK, CONTRAST, WHITE, ZOOM } from "../draw/limits.ts";
import type { SearchState } from "../state/use-search.ts";
import { THEMES, type Theme } from "../state/view.ts";
import { Check, Select, Slider } from "./settings.tsx";

const NAMES: Record<(typeof STRETCHES)[number], string> = {
  lupton: "Lupton",
  asinh: "asinh",
  log: "log",
  sqrt: "square root",
  linear: "linear",
  zscale: "zscale",
};

export function LookPanel({ search }: { search: SearchState }) {
  const { view, change, session } = search;
  const { display } = view;
  const { bands, pixels } = session.dataset;
  const set = (part: Partial<Display>) => change({ display: { ...display, ...part } });
  return (
    <section class="panel look" aria-label="Display">
      <h2>Display</h2>
      {pixels === "flux" && <Stretching display={display} set={set} />}
      <Slider
        label="Contrast"
        range={[Math.log(CONTRAST[0]), Math.log(CONTRAST[1])]}
        value={Math.log(display.contrast)}
        shown={`${display.contrast.toFixed(2)}×`}
        spoken={`${display.contrast.toFixed(2)} times`}
        choose={(value) => set({ contrast: Math.exp(value) })}
      />
      <Slider
        label="Bias"
        range={BIAS}
        step={0.01}
        value={display.bias}
        shown={display.bias.toFixed(2)}
        spoken={display.bias.toFixed(2)}
        choose={(bias) => set({ bias })}
      />
      <Slider
        label="Zoom"
        range={ZOOM}
        step={0.25}
        value={display.zoom}
        shown={`${display.zoom}×`}
        spoken={`${display.zoom} times`}
        choose={(zoom) => set({ zoom })}
      />
      {bands.length > 1 && (
        <Select
          label="Bands"
          value={display.band === null ? "all" : String(display.band)}
          values={[["all", "composite"], ...bands.map((name, k) => [String(k), `${name} alone`] as const)]}
          choose={(value) => set({ band: value === "all" ? null : Number(value) })}
        />
      )}
      {(bands.length === 1 || display.band !== null) && (
        <Select
          label="Colours"
          value={display.map}
          values={COLOUR_MAPS.map((name) => [name, name] as const)}
          choose={(map) => set({ map })}
        />
      )}
      <Check label="Inverted" checked={display.inverted} choose={(inverted) => set({ inverted })} />
      <Check label="Smooth" checked={display.smooth} choose={(smooth) => set({ smooth })} />
      <Select
        label="Theme"
        value={view.theme}
        values={THEMES.map((name) => [name, name] as const)}
        choose={(theme: Theme) => change({ theme })}
      />
      <button type="button" onClick={() => change({ display: DEFAULTS })}>
        Reset
      </button>
    </section>
  );
}

interface SettingProps {
  display: Display;
  set: (part: Partial<Display>) => void;
}

/** What only flux has: the stretch, and its range unless the stretch finds it. */
function Stretching({ display, set }: SettingProps) {
  const { stretch, white, black } = display;
  return (
    <>
      <Select
        label="Stretch"
        value={stretch}
        values={STRETCHES.map((name) => [name, NAMES[name]] as const)}
        choose={(chosen) => set({ stretch: chosen })}
      />
      {stretch !== "zscale" && (
        <>
          <Slider
            label="White"
            range={[Math.log(WHITE[0]), Math.log(WHITE[1])]}
            value={Math.log(white)}
            shown={`${white.toFixed(0)} σ`}
            spoken={`${white.toFixed(0)} noise levels`}
            choose={(value) => set({ white: Math.exp(value) })}
          />
          <Slider
            label="Black"
            range={BLACK}
            step={0.1}
            value={black}
            shown={`${black.toFixed(1)} σ`}
            spoken={`${black.toFixed(1)} noise levels`}
            choose={(chosen) => set({ black: chosen })}
          />
        </>
      )}
    </>
  );
}
