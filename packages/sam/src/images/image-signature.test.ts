import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sniffImage } from "./image-signature.js";

const pillow = join(import.meta.dirname, "../../../../fixtures/pillow");

function container(major: string, ...compatible: string[]): Buffer {
  const brands = Buffer.from(`ftyp${major}\0\0\0\0${compatible.join("")}`, "latin1");
  const file = Buffer.concat([Buffer.alloc(4), brands, Buffer.from("\0\0\0\x08mdatavif", "latin1")]);
  file.writeUInt32BE(4 + brands.length);
  return file;
}

describe("sniffImage", () => {
  it.each(
    readdirSync(pillow)
      .filter((name) => /\.(jpg|png|webp|tif|gif|avif)$/.test(name) && !name.includes("expected"))
      .map((name) => [name]),
  )("knows the file of another program: %s", (name) => {
    const extension = name.split(".").at(-1)!;
    const format = { jpg: "jpeg", tif: "tiff" }[extension] ?? extension;
    expect(sniffImage(readFileSync(join(pillow, name))).format).toBe(format);
  });

  it.each([
    ["big TIFF, little-endian", Buffer.from("II+\0\x08\0\0\0", "latin1"), "tiff"],
    ["TIFF, big-endian", Buffer.from("MM\0*\0\0\0\x08", "latin1"), "tiff"],
    ["an AVIF", container("avif", "mif1", "miaf"), "avif"],
    ["an AVIF that names itself last", container("mif1", "miaf", "avif"), "avif"],
  ])("knows %s", (_name, bytes, format) => {
    expect(sniffImage(bytes).format).toBe(format);
  });

  it.each([
    ["SVG", '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ["SVG", '\ufeff\r\n\t <?xml version="1.0" encoding="UTF-8"?>\n<!-- <a> -->\n<svg/>'],
    ["SVG", '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg>'],
    ["SVG", '<s:svg xmlns:s="http://www.w3.org/2000/svg"/>'.replace("<s:", "<")],
    ["SVG", Buffer.from('\ufeff<svg width="1"/>', "utf16le")],
    ["SVG", "GIF89<svg/>"],
    ["XML or SVG", `<?xml version="1.0"?><!--${"-".repeat(600)}--><svg/>`],
    ["XML or SVG", "<!ENTITY a '&a;'>"],
    ["compressed by gzip", Uint8Array.of(0x1f, 0x8b, 8)],
    ["HTML", "<!doctype html><svg-like/>"],
    ["PDF", "%PDF-1.7"],
    ["HEIC", container("heic", "mif1", "avif")],
    ["HEIC", container("mif1", "heic")],
    ["a video or other media file", container("isom", "avif")],
    ["of an unknown format", "P6 1 1 255\nabc"],
    ["of an unknown format", "#?RADIANCE"],
    ["of an unknown format", "RIFF\0\0\0\0WAVE"],
    ["of an unknown format", "id=ImageMagick"],
    ["of an unknown format", ""],
    ["of an unknown format", Uint8Array.of(0xff, 0xd8)],
  ])("reads none of: %s, as %s", (kind, bytes) => {
    expect(sniffImage(Buffer.from(bytes as string))).toEqual({ kind });
  });

  it("takes no format for what begins elsewhere than at the first byte", () => {
    const files = readdirSync(pillow).filter((name) => !name.endsWith(".md"));
    const before = fc.uint8Array({ minLength: 1, maxLength: 9 }).filter((bytes) => bytes[0] !== 0xff);
    fc.assert(
      fc.property(fc.constantFrom(...files), before, (name, bytes) => {
        expect(sniffImage(Buffer.concat([bytes, readFileSync(join(pillow, name))])).format).toBeUndefined();
      }),
    );
  });
});
