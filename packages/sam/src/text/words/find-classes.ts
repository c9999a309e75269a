import { printable, SamError } from "@segany/masks";
import { checkWords } from "./check-words.js";
import { readCocoWords } from "./coco-words.js";
import { nearWords } from "./near-words.js";

/** Known words that an error lists. */
const NEAR_WORDS = 5;

/** Plurals that no rule gives. */
const IRREGULAR: Readonly<Record<string, string>> = {
  people: "person",
  persons: "person",
  children: "child",
  geese: "goose",
  calves: "calf",
  oxen: "ox",
  knives: "knife",
  mice: "mouse",
  skis: "skis",
  pairs: "pair",
};

/** Words before a name that say nothing of what it is. */
const ARTICLE = /^(?:an?|the|all|any|every|each|some|this|that|these|those|my|your|one)(?: of the| the)? /;

let known: ReadonlyMap<string, ReadonlySet<string>> | undefined;

/**
 * The classes of COCO that words stand for: a name, a synonym, a kind, or a name for several. Case, articles
 * and plurals do not matter; "the puppies" is `dog`.
 *
 * @returns names of classes, in COCO's spelling
 * @throws SamError `prompt-invalid`, see `checkWords`; `text-unknown` for other words, with the nearest known
 *   ones
 */
export function findClasses(text: string): readonly string[] {
  const words = checkWords(text);
  known ??= readCocoWords();
  const plain = words.normalize("NFKC").toLowerCase().replace(/[-_]/g, " ").replace(ARTICLE, "");
  for (const form of singularForms(plain)) {
    const classes = byForm(known).get(form);
    if (classes) return [...classes];
  }
  const near = nearWords(plain, known.keys(), NEAR_WORDS);
  const list = near.length > 0 ? near : ["person", "animal", "vehicle", "furniture", "food"];
  throw new SamError(
    "text-unknown",
    `The detector knows no "${printable(words)}": it has 80 kinds of things and names for them. Near are: ${list.join(", ")}. For other words, an engine with weights of your own is needed (docs/text.md).`,
  );
}

let forms: ReadonlyMap<string, ReadonlySet<string>> | undefined;

/** The same with blanks in the place of hyphens. */
function byForm(words: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, ReadonlySet<string>> {
  forms ??= new Map([...words].map(([word, classes]) => [word.replaceAll("-", " "), classes]));
  return forms;
}

/** The phrase, then what it may be the plural of. */
function singularForms(phrase: string): string[] {
  const space = phrase.lastIndexOf(" ") + 1;
  const [lead, last] = [phrase.slice(0, space), phrase.slice(space)];
  const irregular = IRREGULAR[last] ?? (last.endsWith("men") ? `${last.slice(0, -3)}man` : undefined);
  const endings = [
    irregular,
    last.endsWith("ies") ? `${last.slice(0, -3)}y` : undefined,
    last.endsWith("es") ? last.slice(0, -2) : undefined,
    last.endsWith("s") ? last.slice(0, -1) : undefined,
  ];
  return [phrase, ...endings.flatMap((ending) => (ending ? [lead + ending] : []))];
}
