import { expect, test } from "vitest";
import { createClientQuota } from "./client-quota.js";

const quotaOf = (total: number, perClient: number) =>
  createClientQuota({ total, perClient, what: "streams" });

test("one client gets its share and others theirs, until all is taken", () => {
  const quota = quotaOf(5, 2);
  const first = quota.take("1.1.1.1");
  quota.take("1.1.1.1");
  expect(() => quota.take("1.1.1.1")).toThrow(
    expect.objectContaining({ code: "too-many-requests", retryAfterS: 1 }),
  );
  quota.take("2.2.2.2", 2);
  quota.take("3.3.3.3");
  expect(() => quota.take("4.4.4.4")).toThrow(
    expect.objectContaining({ code: "overloaded", retryAfterS: 5 }),
  );
  first();
  first(); // what is given back twice counts once
  quota.take("4.4.4.4");
  expect(() => quota.take("1.1.1.1")).toThrow(/at most 5 streams/);
});

test("an amount larger than the share is refused though nothing is taken", () => {
  expect(() => quotaOf(5, 2).take("1.1.1.1", 2.5)).toThrow(/One client may have 2 streams/);
});

test.each([
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"],
  ["2001:db8::1", "2001:DB8:0:0:1:2:3:4"],
  ["::1", "::1"],
  ["fe80::1%eth0", "fe80::2%eth1"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
])("%s and %s are one client", (a, b) => {
  const quota = quotaOf(5, 1);
  quota.take(a);
  expect(() => quota.take(b)).toThrow(/One client/);
});

test.each([
  ["2001:db8:1:2::1", "2001:db8:1:3::1"],
  ["::ffff:1.2.3.4", "::ffff:1.2.3.5"],
  ["1.2.3.4", "::1"],
])("%s and %s are two clients", (a, b) => {
  const quota = quotaOf(5, 1);
  quota.take(a);
  quota.take(b);
});
