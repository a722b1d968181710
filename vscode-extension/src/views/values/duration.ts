/**
 * Durations.
 *
 * Owns how milliseconds are written for people. Pure.
 */

/** A duration as people read it. */
export function milliseconds(value: number): string {
  if (value < 1) return "<1 ms";
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`;
}
