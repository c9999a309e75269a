import { expect, test } from "vitest";
import { readWorkAddress, type WorkAddress, writeWorkAddress } from "./work-address.js";

test("addresses of work are read as they were written, and others mean none", () => {
  const addresses: WorkAddress[] = [
    { kind: "queue", project: "p&1", activity: "label" },
    { kind: "queue", project: "p", activity: "review" },
    { kind: "job", job: "j", image: null },
    { kind: "job", job: "j", image: "i" },
  ];
  for (const address of addresses) expect(readWorkAddress(writeWorkAddress(address))).toEqual(address);
  expect(readWorkAddress("?project=")).toBeNull();
  expect(readWorkAddress("?segmenter=fake")).toBeNull();
});
