import fc from "fast-check";
import { expect, test } from "vitest";
import { createIdIssuer, createIdTable } from "./id-issuer.js";

test("a number that is there twice gets the next above all so far", () => {
  const issuer = createIdIssuer();
  expect([7, 3, 7, 3, 8, 10].map((id) => issuer.issue(id))).toEqual([7, 3, 8, 9, 10, 11]);
});

test("the table knows what a Set knows, for rising numbers and any others", () => {
  const ids = fc.array(fc.oneof(fc.nat(50), fc.maxSafeNat()), { maxLength: 3000 });
  fc.assert(
    fc.property(ids, fc.boolean(), (list, sorted) => {
      const numbers = sorted ? list.toSorted((a, b) => a - b) : list;
      const table = createIdTable();
      const known = new Set<number>();
      for (const id of numbers) {
        expect(table.add(id)).toBe(!known.has(id));
        known.add(id);
      }
    }),
  );
});
