import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, it } from "vitest";
import { formatCsv } from "./csv.js";

it("quotes what would be taken for another field or line", () => {
  const rows = [
    ["id", "name"],
    [0.5, 'a "b", c'],
    [undefined, "line\nbreak"],
  ];
  expect(formatCsv(rows)).toBe('id,name\n0.5,"a ""b"", c"\n,"line\nbreak"\n');
});

it("is read back as it was by a reader of CSV", () => {
  const field = fc.string({ unit: fc.constantFrom(..."ab ,;\"'\r\n\t=é🍎".split(/(?:)/u)) });
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 2 }), { minLength: 1 }), (rows) => {
      expect(parse(formatCsv(rows), { record_delimiter: "\n" })).toEqual(rows);
    }),
  );
});
