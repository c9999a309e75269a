/** 6 x 4 pixels: a ring of 3 x 3 with a hole of one pixel, and an island of one pixel. */
export const mask = {
  width: 6,
  height: 4,
  data: Uint8Array.from("111000101001111000000000", Number),
};
