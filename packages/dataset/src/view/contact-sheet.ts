import { join } from "node:path";
import { DatasetError, throwIfAborted } from "../errors.js";
import { type OutputFolder, openOutputFolder } from "../files/output-folder.js";
import { type Dataset, type DatasetRecord, hasMask, type RecordsOptions } from "../record.js";
import { type SheetImage, sheetPage, sheetPageName } from "./sheet-page.js";
import { makeThumbnails } from "./thumbnails.js";

/** Settings of `writeContactSheet`. */
export interface ContactSheetOptions extends RecordsOptions {
  /** 200 by default. */
  readonly imagesPerPage?: number | undefined;
  /** The longer side of a thumbnail; 400 by default. */
  readonly thumbnailPx?: number | undefined;
  /** No more than so many images. */
  readonly limit?: number | undefined;
}

/** What was written. */
export interface ContactSheetReport {
  /** The first page. */
  readonly path: string;
  readonly images: number;
  readonly pages: number;
  /** Images whose file is missing, shown grey. */
  readonly missingFiles: number;
  readonly unreadableFiles: number;
}

/** Images whose thumbnails are made at the same time. */
const parallel = 4;

/**
 * Writes an HTML contact sheet with the masks of each image: pages with thumbnails beside them, which
 * browsers load when they are scrolled to. Only one page's list is in memory.
 *
 * @param path a folder that is empty or not there
 * @throws DatasetError `option-invalid`, `output-exists`, `file-unwritable`, `aborted` and whatever reading
 * throws
 *
 * @example
 * const { pages, missingFiles } = await writeContactSheet(dataset, "contact-sheet");
 * console.log(pages, missingFiles); // 1 2
 */
export async function writeContactSheet(
  dataset: Dataset,
  path: string,
  {
    imagesPerPage = 200,
    thumbnailPx = 400,
    limit = Number.POSITIVE_INFINITY,
    ...pass
  }: ContactSheetOptions = {},
): Promise<ContactSheetReport> {
  checkRange("images a page", imagesPerPage, 1, 10_000);
  checkRange("pixels of a thumbnail", thumbnailPx, 16, 4096);
  if (limit < 1) throw new DatasetError("option-invalid", `At least 1 image can be shown, not ${limit}.`);
  const output = await openOutputFolder(path, pass);
  const report = { images: 0, pages: 0, missingFiles: 0, unreadableFiles: 0 };
  let images: SheetImage[] = [];
  const endPage = async (isLast: boolean): Promise<void> => {
    const page = report.pages++;
    const { name, format } = dataset;
    const html = sheetPage({ name, format, imagesPerPage, page, isLast, images });
    await output.write(sheetPageName(page), html);
    images = [];
  };
  for await (const image of addImages(dataset, output, limit, thumbnailPx, pass)) {
    // A page knows whether another one follows only when the next image is there.
    if (images.length === imagesPerPage) await endPage(false);
    images.push(image);
    report.images++;
    if (image.absence === "missing") report.missingFiles++;
    if (image.absence === "unreadable") report.unreadableFiles++;
  }
  await endPage(true);
  return { path: join(path, sheetPageName(0)), ...report };
}

/** Writes the thumbnails of images, a few at a time, and gives their cards in order. */
async function* addImages(
  dataset: Dataset,
  output: OutputFolder,
  limit: number,
  thumbnailPx: number,
  pass: RecordsOptions,
): AsyncIterable<SheetImage> {
  const names = new Map(dataset.categories.map(({ id, name }) => [id, name]));
  let waiting: Promise<SheetImage>[] = [];
  let count = 0;
  for await (const record of dataset.records(pass)) {
    throwIfAborted(pass.signal);
    const image = addImage(output, record, count++, names, thumbnailPx);
    // It is waited for below; should reading fail before that, its own failure must not end the process.
    image.catch(() => {});
    waiting.push(image);
    if (waiting.length === parallel) {
      yield* await Promise.all(waiting);
      waiting = [];
    }
    if (count >= limit) break;
  }
  yield* await Promise.all(waiting);
}

function checkRange(what: string, value: number, lowest: number, highest: number): void {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return;
  throw new DatasetError(
    "option-invalid",
    `The number of ${what} must be ${lowest} to ${highest}, not ${value}.`,
  );
}

async function addImage(
  output: OutputFolder,
  record: DatasetRecord,
  index: number,
  names: ReadonlyMap<number, string>,
  thumbnailPx: number,
): Promise<SheetImage> {
  const { plain, overlay, width, height, absence } = await makeThumbnails(record, thumbnailPx);
  // A folder for each thousand: file managers and file systems dislike more.
  const stem = `thumbnails/${Math.floor(index / 1000)}/${index % 1000}`;
  await output.write(`${stem}.webp`, plain);
  await output.write(`${stem}.masks.webp`, overlay);
  const counts = new Map<string, number>();
  for (const { categoryId } of record.annotations) {
    const name = categoryId === undefined ? undefined : names.get(categoryId);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return {
    plain: `${stem}.webp`,
    overlay: `${stem}.masks.webp`,
    width,
    height,
    fileName: record.image.fileName,
    ...(absence && { absence }),
    imageSize: { width: record.image.width, height: record.image.height },
    masks: record.annotations.filter(hasMask).length,
    boxes: record.annotations.filter((annotation) => !hasMask(annotation)).length,
    classes: [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => ({ name, count })),
  };
}
