import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { parseYoloLabels } from "./yolo.js";
import { formatYoloYaml, parseYoloYaml, partsOfNames } from "./yolo-yaml.js";

const size = { width: 10, height: 4 };
const BOX = "0.5 0.5 0.4 0.5"; // columns 3 to 6, rows 1 and 2
const parse = (text: string, classes = 3) => parseYoloLabels(text, size, classes, "a.txt");

describe("YOLO's labels", () => {
  it("have classes from 0 to one below their count, which become ids from 1", () => {
    expect(parse(`0 ${BOX}\n\n  2 ${BOX}  \n`).map(({ id, categoryId }) => [id, categoryId])).toEqual([
      [1, 1],
      [2, 3],
    ]);
    for (const word of ["3", "-1", "1.5", "pear"])
      expect(() => parse(`0 ${BOX}\n${word} ${BOX}`), word).toThrow(
        expect.objectContaining({
          code: "annotation-invalid",
          message: expect.stringMatching(/a\.txt, line 2: the class is .*classes 0 to 2/),
        }),
      );
  });
});

describe("YOLO's class names", () => {
  it("are a list or a map of numbers, whose gaps are filled", () => {
    expect(parseYoloYaml("names: [a, b]", "data.yaml").names).toEqual(["a", "b"]);
    expect(parseYoloYaml("names: {2: c, 0: a}", "data.yaml").names).toEqual(["a", "class 1", "c"]);
  });

  it("stay texts for readers of YAML 1.1, whatever they look like", () => {
    const names = ["yes", "No", "on", "OFF", "y", "n", "null", "~", "", "1", "-1.5", "0x1f", "017", "1_000"];
    names.push(
      "12:30:45",
      "2024-01-31",
      ".inf",
      "1e3",
      "true",
      "a: b",
      "- a",
      "# a",
      "'a'",
      "=",
      "<<",
      " a ",
    );
    const text = formatYoloYaml(names);
    expect(parseYaml(text, { version: "1.1" }).names).toEqual(names);
    expect(parseYoloYaml(text, "data.yaml").names).toEqual(names);
    expect(parseYaml(text, { version: "1.1" })).not.toHaveProperty("path");
    for (const line of text.split("\n").slice(3, -1)) expect(line).toMatch(/^ {2}- ".*"$/);
  });

  it("are told above the parts of a set, under the names that Ultralytics has for these", () => {
    expect(parseYaml(formatYoloYaml(["cat"], ["train", "valid", "test"]))).toEqual({
      train: "train/images",
      val: "valid/images",
      test: "test/images",
      names: ["cat"],
    });
  });

  it("name a part to validate on, which Ultralytics insists on", () => {
    expect(parseYaml(formatYoloYaml([], []))).toMatchObject({ train: "images", val: "images" });
    expect(parseYaml(formatYoloYaml([], ["train"]))).toMatchObject({ val: "train/images" });
    expect(parseYaml(formatYoloYaml([], ["train2017", "test"]))).toMatchObject({
      train: "train2017/images",
      val: "test/images",
      test: "test/images",
    });
  });
});

describe("parts of a set, by the folders of its images", () => {
  it.each([
    [
      ["train/a", "train/b/c", "valid/a", "test/a"],
      ["train", "valid", "test"],
    ],
    [
      ["val2017/a", "train2017/a"],
      ["train2017", "val2017"],
    ],
    [["train/a", "b"], []],
    [["train/a", "other/b"], []],
    [["val/a", "test/b"], []],
    [["train/a", "val/b", "valid/c"], []],
    [["train", "val"], []],
    [[], []],
  ])("%j", (stems, parts) => expect(partsOfNames(stems)).toEqual(parts));
});
