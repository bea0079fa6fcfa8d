/**
 * The arithmetic of training in plain numbers and double precision, written without the project's code: gradients
 * are central differences of the loss, so that they depend on the loss's formula alone.
 */
export type Params = Record<string, number[]>;

/** y = W x + b; W (O, I) row-major */
export const affine = (x: number[], w: number[], b: number[]): number[] =>
  b.map((bias, o) => x.reduce((sum, xi, i) => sum + w[o * x.length + i]! * xi, bias));

export const logSumExp = (z: number[]): number => {
  const top = Math.max(...z);
  return top + Math.log(z.reduce((sum, v) => sum + Math.exp(v - top), 0));
};

export const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** dL/dθ by central differences. */
export function gradient(params: Params, loss: (params: Params) => number): Params {
  const h = 1e-5;
  return Object.fromEntries(
    Object.entries(params).map(([name, values]) => [
      name,
      values.map((value, i) => {
        const at = (x: number) => loss({ ...params, [name]: values.with(i, x) });
        return (at(value + h) - at(value - h)) / (2 * h);
      }),
    ]),
  );
}

export interface AdamWState {
  t: number;
  m: Params;
  v: Params;
}
export const freshAdamW = (): AdamWState => ({ t: 0, m: {}, v: {} });

/** Loshchilov and Hutter's algorithm 2, decay scaled by the rate. */
export function adamW(
  params: Params,
  g: Params,
  state: AdamWState,
  { lr, beta1 = 0.9, beta2 = 0.999, decay }: { lr: number; beta1?: number; beta2?: number; decay: number },
): Params {
  state.t += 1;
  return Object.fromEntries(
    Object.entries(params).map(([name, values]) => {
      const grads = g[name]!;
      const m = grads.map((gi, i) => beta1 * (state.m[name]?.[i] ?? 0) + (1 - beta1) * gi);
      const v = grads.map((gi, i) => beta2 * (state.v[name]?.[i] ?? 0) + (1 - beta2) * gi * gi);
      state.m[name] = m;
      state.v[name] = v;
      const next = values.map((value, i) => {
        const mHat = m[i]! / (1 - beta1 ** state.t);
        const vHat = v[i]! / (1 - beta2 ** state.t);
        return value - lr * decay * value - (lr * mHat) / (Math.sqrt(vHat) + 1e-8);
      });
      return [name, next];
    }),
  );
}
