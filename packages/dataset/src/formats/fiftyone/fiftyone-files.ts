/** The files of FiftyOne's exports: `samples.json`, `labels.json`, `metadata.json`. */
import type { Size } from "@segany/masks";
import { asList, asObject, type RawObject, readSize, readText } from "../../json/fields.js";
import type { ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";

/** An image with its fields. */
export interface FiftyOneSample {
  readonly fileName: string;
  /** Whether the name has no extension. */
  readonly isStem: boolean;
  readonly size: Size | undefined;
  readonly raw: RawObject;
  /** What to call it in messages. */
  readonly where: string;
}

/**
 * The samples of FiftyOne's own export; videos and other media are left out and counted.
 *
 * @throws DatasetError `dataset-invalid`, `annotation-invalid`
 */
export function parseSamplesFile(value: unknown, file: string, takers: ReadTakers): FiftyOneSample[] {
  const samples = parseEach(
    asList(asObject(value, file).samples, `${file}: field "samples"`),
    (i) => `${file}: sample ${i + 1}`,
    (entry, where) => parseSample(asObject(entry, where), where, takers),
    takers.onProblem,
  );
  return samples.filter((sample) => sample !== undefined);
}

function parseSample(raw: RawObject, where: string, { onLoss }: ReadTakers): FiftyOneSample | undefined {
  const { _media_type: media } = raw;
  if (typeof media === "string" && media !== "image") {
    onLoss?.("videoFrames", where);
    return undefined;
  }
  const metadata = raw.metadata == null ? undefined : asObject(raw.metadata, `${where}: field "metadata"`);
  const hasSize = metadata?.width != null && metadata.height != null;
  const size = hasSize ? readSize(metadata, `${where}: field "metadata"`) : undefined;
  return { fileName: readText(raw, "filepath", where), isStem: false, size, raw, where };
}

/**
 * The samples of `labels.json`: detections by the name of the image without its extension, classes by name or
 * by number.
 *
 * @throws DatasetError `dataset-invalid`
 */
export function parseLabelsFile(value: unknown, file: string, takers: ReadTakers): FiftyOneSample[] {
  const raw = asObject(value, file);
  const classes = raw.classes == null ? [] : asList(raw.classes, `${file}: field "classes"`);
  const entries = Object.entries(asObject(raw.labels, `${file}: field "labels"`));
  return parseEach(
    entries,
    (i) => `${file}: ${entries[i]![0]}`,
    ([name, list], where): FiftyOneSample => {
      const detections = asList(list ?? [], where).map((entry, i) => {
        const detection = asObject(entry, `${where}, label ${i + 1}`);
        const { label } = detection;
        return typeof label === "number" ? { ...detection, label: classes[label] } : detection;
      });
      return {
        fileName: name,
        isStem: true,
        size: undefined,
        raw: { detections: { _cls: "Detections", detections } },
        where,
      };
    },
    takers.onProblem,
  );
}

/** What `metadata.json` says of fields. */
export interface FiftyOneMetadata {
  /** Classes that are listed, in their order. */
  classesOf(field: string | undefined): string[];
  /** Names of the numbers of a map of classes. */
  nameOfNumber(field: string | undefined): (number: number) => string | undefined;
}

/** @throws DatasetError `dataset-invalid` */
export function parseMetadata(value: unknown, file: string): FiftyOneMetadata {
  const raw = asObject(value, file);
  /** A setting of a field, else the default of all. */
  const settingOf = (name: string, field: string | undefined): unknown => {
    const byField = raw[name];
    const own =
      typeof byField === "object" && byField !== null && field !== undefined && Object.hasOwn(byField, field)
        ? (byField as RawObject)[field]
        : undefined;
    return own ?? raw[`default_${name}`];
  };
  const targetsOf = (field: string | undefined): RawObject => {
    const targets = settingOf("mask_targets", field);
    return typeof targets === "object" && targets !== null && !Array.isArray(targets)
      ? (targets as RawObject)
      : {};
  };
  return {
    classesOf(field) {
      const classes = settingOf("classes", field);
      const listed = Array.isArray(classes) ? classes : [];
      return [...listed, ...Object.values(targetsOf(field))].filter((name) => typeof name === "string");
    },
    nameOfNumber(field) {
      const targets = targetsOf(field);
      return (number) => {
        const name = Object.hasOwn(targets, String(number)) ? targets[String(number)] : undefined;
        return typeof name === "string" ? name : undefined;
      };
    },
  };
}
