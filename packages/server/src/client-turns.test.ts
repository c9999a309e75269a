import fc from "fast-check";
import { expect, test } from "vitest";
import { type ClientTurns, createClientTurns } from "./client-turns.js";

const inTurn =
  ({ compare }: ClientTurns) =>
  (a: { client: string | undefined }, b: typeof a) =>
    compare(a.client, b.client);

test("whoever was served longest ago is next, whatever came before", () => {
  const clients = ["a", "b", "c", undefined];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...clients)), (before) => {
      const turns = createClientTurns();
      for (const client of before) turns.serve(client);
      const served: (string | undefined)[] = [];
      for (let i = 0; i < 2 * clients.length; i++) {
        const next = clients.map((client) => ({ client })).sort(inTurn(turns))[0]!.client;
        turns.serve(next);
        served.push(next);
      }
      expect(new Set(served.slice(0, clients.length)).size).toBe(clients.length);
      expect(served.slice(clients.length)).toEqual(served.slice(0, clients.length));
    }),
  );
});
