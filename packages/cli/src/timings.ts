/**
 * Milliseconds of each part of the work on one image; parts may overlap. `total` is the wall time without
 * `load`.
 */
export interface Timings {
  load: number;
  encode: number;
  decode: number;
  post: number;
  total: number;
}

/** Rounds to the values that `--json` prints. */
export function wholeMilliseconds(timings: Readonly<Timings>): Timings {
  const { load, encode, decode, post, total } = timings;
  return {
    load: Math.round(load),
    encode: Math.round(encode),
    decode: Math.round(decode),
    post: Math.round(post),
    total: Math.round(total),
  };
}
