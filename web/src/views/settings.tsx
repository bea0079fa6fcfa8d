/** The controls of a panel: each with its name before it. */

interface SliderProps {
  label: string;
  range: readonly [number, number];
  /** Left out, it takes any value. */
  step?: number;
  value: number;
  /** Beside the slider, and read aloud. */
  shown: string;
  spoken: string;
  choose: (value: number) => void;
}

export const Slider = ({ label, range, step, value, shown, spoken, choose }: SliderProps) => (
  <label>
    <span>{label}</span>
    <input
      type="range"
      min={range[0]}
      max={range[1]}
      step={step ?? "any"}
      value={value}
      aria-valuetext={spoken}
      onInput={(event) => choose(Number(event.currentTarget.value))}
    />
    <span class="value">{shown}</span>
  </label>
);

interface SelectProps<V extends string> {
  label: string;
  value: V;
  values: readonly (readonly [V, string])[];
  choose: (value: V) => void;
}

export const Select = <V extends string>({ label, value, values, choose }: SelectProps<V>) => (
  <label>
    <span>{label}</span>
    <select value={value} onChange={(event) => choose(event.currentTarget.value as V)}>
      {values.map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

interface CheckProps {
  label: string;
  checked: boolean;
  choose: (checked: boolean) => void;
}

export const Check = ({ label, checked, choose }: CheckProps) => (
  <label class="check">
    <input type="checkbox" checked={checked} onChange={(event) => choose(event.currentTarget.checked)} />
    <span>{label}</span>
  </label>
);
