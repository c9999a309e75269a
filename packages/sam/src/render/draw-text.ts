import type { Point, RgbaImage } from "@segany/masks";
import { strokeSegments } from "./canvas.js";
import type { Rgb } from "./colours.js";
import { type Segment, smoothLine } from "./geometry.js";
import { GLYPHS } from "./glyphs.js";

/** Height of capitals on the glyphs' grid. */
const GRID_HEIGHT = 6;
/** In units of the grid. */
const LETTER_GAP = 1.7;
const SPACE_WIDTH = 1.6;
const LINE_WIDTH = 0.85;
/** Replaces a character that the font lacks. */
const UNKNOWN: readonly string[] = ["0,0 4,0 4,6 0,6 0,0"];

/** A character's lines and its width, on the glyphs' grid. */
interface Glyph {
  readonly segments: readonly Segment[];
  readonly width: number;
}

/**
 * Draws a line of text into an image, in capitals: letters, digits and common signs; others become a frame.
 *
 * @param at the upper left corner of the capitals, continuous pixels
 * @param heightPx height of capitals
 */
export function writeText(
  image: RgbaImage,
  text: string,
  [left, top]: Point,
  heightPx: number,
  colour: Rgb,
): void {
  const scale = heightPx / GRID_HEIGHT;
  let x = left;
  for (const character of text) {
    const { segments, width } = readGlyph(character);
    const place = ([gx, gy]: Point): Point => [x + gx * scale, top + gy * scale];
    const placed = segments.map(([a, b]): Segment => [place(a), place(b)]);
    if (placed.length > 0) strokeSegments(image, placed, Math.max(1.1, LINE_WIDTH * scale), colour);
    x += (width + LETTER_GAP) * scale;
  }
}

/** Width of a line of text in pixels. */
export function textWidth(text: string, heightPx: number): number {
  const widths = [...text].map((character) => readGlyph(character).width + LETTER_GAP);
  const total = widths.reduce((sum, width) => sum + width, -LETTER_GAP);
  return (Math.max(0, total) * heightPx) / GRID_HEIGHT;
}

function readGlyph(character: string): Glyph {
  if (character === " ") return { segments: [], width: SPACE_WIDTH };
  const lines = (GLYPHS[character.toUpperCase()] ?? UNKNOWN).map(readLine);
  const segments = lines.flatMap((line) => line.slice(1).map((point, i): Segment => [line[i]!, point]));
  return { segments, width: Math.max(...lines.flat().map(([x]) => x)) };
}

function readLine(text: string): Point[] {
  const points = text
    .replace("~", "")
    .split(" ")
    .map((place): Point => {
      const [x, y] = place.split(",").map(Number);
      return [x!, y!];
    });
  return text.startsWith("~") ? smoothLine(points) : points;
}
