/** Milliseconds of each part of one picture's work; parts may overlap, `total` is wall time without `load`. */
export interface Timings {
  load: number;
  encode: number;
  decode: number;
  post: number;
  total: number;
}

/** As `--json` prints them. */
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
