/** Writes uncompressed TIFF files of kinds that sharp doesn't write. */

/** What a made TIFF is like. */
export interface MadeTiff {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly bits: 8 | 16 | 32;
  /** 1: grey, 2: RGB. */
  readonly photometric: 1 | 2;
  /** Whether bands beyond the colours are declared (ExtraSamples); GDAL does, older tools do not. */
  readonly declaresExtra?: boolean;
  readonly pages?: number;
  /** A sample; 32 bits are floating point. */
  sample(x: number, y: number, band: number, page: number): number;
}

const SHORT = 3;
const LONG = 4;

/** Little-endian, one strip a page. */
export function makeTiff(tiff: MadeTiff): Buffer {
  const { pages = 1 } = tiff;
  const parts: Buffer[] = [Buffer.from("49492a00", "hex"), Buffer.alloc(4)];
  let offsetAt = parts[1]!; // where the offset of the next directory is written
  for (let page = 0; page < pages; page++) {
    const pixels = samplesOf(tiff, page);
    const pixelsAt = sizeOf(parts);
    parts.push(pixels);
    const { entries, values } = entriesOf(tiff, pixelsAt, pixels.length, sizeOf(parts));
    parts.push(values);
    offsetAt.writeUInt32LE(sizeOf(parts));
    const count = Buffer.alloc(2);
    count.writeUInt16LE(entries.length);
    offsetAt = Buffer.alloc(4);
    parts.push(count, ...entries, offsetAt);
  }
  return Buffer.concat(parts);
}

function sizeOf(parts: readonly Buffer[]): number {
  return parts.reduce((total, { length }) => total + length, 0);
}

function samplesOf({ width, height, bands, bits, sample }: MadeTiff, page: number): Buffer {
  const bytes = bits / 8;
  const data = Buffer.alloc(width * height * bands * bytes);
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let band = 0; band < bands; band++, at += bytes) {
        const value = sample(x, y, band, page);
        if (bits === 8) data.writeUInt8(value, at);
        else if (bits === 16) data.writeUInt16LE(value, at);
        else data.writeFloatLE(value, at);
      }
  return data;
}

/** The directory's entries; lists that don't fit into one are in `values`. */
function entriesOf(tiff: MadeTiff, pixelsAt: number, pixelBytes: number, valuesAt: number) {
  const { width, height, bands, bits, photometric, declaresExtra = true } = tiff;
  const extra = declaresExtra ? bands - (photometric === 2 ? 3 : 1) : 0;
  const values: Buffer[] = [];
  const entry = (tag: number, type: number, list: readonly number[]) => {
    const size = type === SHORT ? 2 : 4;
    const bytes = Buffer.alloc(list.length * size);
    for (const [i, value] of list.entries()) bytes.writeUIntLE(value, i * size, size);
    const field = Buffer.alloc(12);
    field.writeUInt16LE(tag, 0);
    field.writeUInt16LE(type, 2);
    field.writeUInt32LE(list.length, 4);
    if (bytes.length <= 4) bytes.copy(field, 8);
    else {
      field.writeUInt32LE(valuesAt + sizeOf(values), 8);
      values.push(bytes);
    }
    return field;
  };
  const each = (value: number) => Array<number>(bands).fill(value);
  const entries = [
    entry(256, SHORT, [width]),
    entry(257, SHORT, [height]),
    entry(258, SHORT, each(bits)),
    entry(259, SHORT, [1]),
    entry(262, SHORT, [photometric]),
    entry(273, LONG, [pixelsAt]),
    entry(277, SHORT, [bands]),
    entry(278, SHORT, [height]),
    entry(279, LONG, [pixelBytes]),
    ...(extra > 0 ? [entry(338, SHORT, Array<number>(extra).fill(0))] : []),
    entry(339, SHORT, each(bits === 32 ? 3 : 1)),
  ];
  return { entries, values: Buffer.concat(values) };
}
