/** The classes of a set of Pascal VOC, and the numbers of their colours. */
import { linesOf } from "../../text/decode-text.js";
import { coloursOfTable, isBackground, parseColourTable } from "../colour-table.js";
import { vocClassNames, voidLabel } from "./voc.js";
import { backgroundName } from "./write-voc.js";

/** Classes by number from 1, and the numbers of colours. */
export interface VocClassTable {
  readonly names: readonly string[];
  readonly colours: ReadonlyMap<number, number>;
}

/** Texts of a set that name its classes. */
export interface VocClassTexts {
  /** `labelmap.txt` */
  readonly table?: { readonly text: string; readonly path: string } | undefined;
  /** `class_names.txt` */
  readonly list?: string | undefined;
}

/** The classes of a table or list, else VOC's own where there are maps. */
export function vocClassTable({ table, list }: VocClassTexts, hasMaps: boolean): VocClassTable {
  const classes = table ? parseColourTable(table.text, table.path) : [];
  const first = classes[0] && isBackground(classes[0].name) ? 0 : 1;
  // The colour of VOC's borders, where no class has it.
  const colours = new Map([[0xe0e0c0, voidLabel], ...coloursOfTable(classes, first)]);
  if (list === undefined) {
    const names = classes.slice(1 - first).map(({ name }) => name);
    return { names: classes.length > 0 ? names : hasMaps ? vocClassNames : [], colours };
  }
  const names = linesOf(list);
  const background = names.indexOf(backgroundName);
  return { names: background < 0 ? names : names.slice(background + 1), colours };
}
