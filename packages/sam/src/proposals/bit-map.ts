/** Low-resolution masks as bits, for fast comparison. */

/** A square mask, row-major; the lowest bit of a word is its leftmost pixel. */
export interface BitMap {
  /** Side, pixels: a multiple of 16. */
  readonly side: number;
  /** side² / 16 words of 16 bits. */
  readonly words: Uint16Array;
}

/** Pixels per word. */
const WIDTH = 16;

/** Pixels of a square map of logits that are above a threshold. */
export function toBitMap(logits: Float32Array, threshold: number): BitMap {
  const words = new Uint16Array(logits.length / WIDTH);
  for (let word = 0, at = 0; word < words.length; word++) {
    let bits = 0;
    for (let i = 0; i < WIDTH; i++) if (logits[at++]! > threshold) bits |= 1 << i;
    words[word] = bits;
  }
  return { side: Math.sqrt(logits.length), words };
}

/**
 * IoU of a small map with the part of a larger one that it covers.
 *
 * @param x column of the larger map where the small one starts, a multiple of 16
 * @param y row of the larger map where the small one starts
 * @returns 0..1; 1 if both are empty
 */
export function windowIou(small: BitMap, large: BitMap, x: number, y: number): number {
  const [smallRow, largeRow] = [small.side / WIDTH, large.side / WIDTH];
  let [intersection, union] = [0, 0];
  for (let row = 0, at = 0; row < small.side; row++) {
    const start = (y + row) * largeRow + x / WIDTH;
    for (let word = 0; word < smallRow; word++) {
      const [a, b] = [small.words[at++]!, large.words[start + word]!];
      intersection += ones(a & b);
      union += ones(a | b);
    }
  }
  return union === 0 ? 1 : intersection / union;
}

function ones(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x5555);
  const fours = (pairs & 0x3333) + ((pairs >>> 2) & 0x3333);
  const bytes = (fours + (fours >>> 4)) & 0x0f0f;
  return (bytes + (bytes >>> 8)) & 0x1f;
}
