import { expect, test } from "vitest";
import { decodeText, linesOf } from "./decode-text.js";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("a byte order mark is left out and decides the encoding", () => {
  expect(decodeText(bytes(0xef, 0xbb, 0xbf, 0x61), "x", "gb18030")).toBe("a");
  expect(decodeText(bytes(0xff, 0xfe, 0x61, 0), "x")).toBe("a");
  expect(decodeText(bytes(0xfe, 0xff, 0, 0x61), "x")).toBe("a");
});

test("text of another encoding is refused, and read when the user says which", () => {
  const chinese = bytes(0xc3, 0xa8); // 猫 in GB2312
  expect(decodeText(chinese, "x", "gb2312")).toBe("猫");
  const other = bytes(0xb9, 0xb7); // 狗
  expect(() => decodeText(other, '"a.json"')).toThrow(
    expect.objectContaining({ code: "text-invalid", message: expect.stringContaining("--encoding") }),
  );
  expect(() => decodeText(other, "x", "klingon")).toThrow(
    expect.objectContaining({ code: "option-invalid" }),
  );
});

test("lines end as on any system", () => {
  expect(linesOf("a\r\nb\n\n c\rd")).toEqual(["a", "b", " c", "d"]);
});
