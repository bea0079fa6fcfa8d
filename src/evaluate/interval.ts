/** An interval, 95 % unless said otherwise. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}
