import { expect, it } from "vitest";
import { secretOf } from "./authorization.js";

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

it.each([
  ["Bearer abc", "abc"],
  ["bearer  abc", "abc"],
  ["Bearer correct horse; battery=staple", "correct horse; battery=staple"],
  [basic("anna:secret"), "secret"],
  [basic(":a:b c"), "a:b c"],
  [basic("ünal:gehéim"), "gehéim"],
])("%s has %s", (header, secret) => {
  expect(secretOf(header)).toBe(secret);
});

it.each([
  undefined,
  "",
  "abc",
  "Bearer",
  "Bearer ",
  "Digest abc",
  "Basic abc",
  basic("anna"),
  basic("anna:"),
  "Basic !!",
])("%s has no secret", (header) => {
  expect(secretOf(header)).toBeUndefined();
});
