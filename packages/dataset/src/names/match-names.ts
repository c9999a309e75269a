/** Names of images as files of data sets write them, and the files that are meant. */
import { checkFileName } from "./file-names.js";
import { nameKey } from "./output-names.js";

/**
 * Brings the name of an image in a file to a relative one with `/` between folders: of an address or an
 * absolute path its last part, of others without `\` and `./`.
 *
 * @param where what to call the place of the name in an error message
 * @throws DatasetError `name-unsafe` for names that lead out of the folder, and for none
 *
 * @example
 * console.log(readImageName("C:\\photos\\pear.jpg", "a.json")); // pear.jpg
 */
export function readImageName(name: string, where: string): string {
  return checkFileName(relativeName(name), where);
}

function relativeName(name: string): string {
  const address = /^[a-z][a-z0-9+.-]+:\/\/[^/]*(\/[^?#]*)?/i.exec(name);
  if (address) return lastPart(decodePercent(address[1] ?? ""));
  const plain = slashes(name);
  return isAbsolute(plain) ? lastPart(plain) : plain;
}

function isAbsolute(name: string): boolean {
  return name.startsWith("/") || /^[a-z]:/i.test(name);
}

/** `a\./b` → `a/b`; a name with nothing else in it stays as it is, and is refused as such. */
function slashes(name: string): string {
  const plain = name.replaceAll("\\", "/");
  const rooted = plain.startsWith("/");
  const parts = plain.split("/").filter((part) => part !== "." && part !== "");
  return parts.length === 0 ? name : (rooted ? "/" : "") + parts.join("/");
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function decodePercent(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** How a name led to a file: as it is, in another form of the same name, or but for capitals. */
export type MatchedBy = "name" | "form" | "capitals";

/** A file that a name means. */
export interface NameMatch {
  readonly name: string;
  readonly by: MatchedBy;
}

/** Finds the files that names mean. */
export interface NameMatcher {
  find(name: string): NameMatch | undefined;
}

/**
 * Finds the file that a name of an image means among those that are there. Names are compared as they are,
 * then in one form (NFC, `/`, no `./`, percent signs decoded, no folder `images` in front), then without
 * capitals; of an address or an absolute path, the last part. A form that two files have means none of them.
 *
 * @param names of the files, relative to their folder
 *
 * @example
 * console.log(createNameMatcher(["a/pear 1.jpg"]).find("./a\\pear%201.jpg")?.name); // a/pear 1.jpg
 */
export function createNameMatcher(names: Iterable<string>): NameMatcher {
  const own = new Set<string>();
  const byForm = new Map<string, string | undefined>();
  const byKey = new Map<string, string | undefined>();
  const enter = (index: Map<string, string | undefined>, key: string, name: string): void => {
    index.set(key, index.has(key) && index.get(key) !== name ? undefined : name);
  };
  for (const name of names) {
    own.add(name);
    for (const form of new Set([formOf(name), lastPart(formOf(name))])) {
      const mark = form === formOf(name) ? form : `*/${form}`;
      enter(byForm, mark, name);
      enter(byKey, nameKey(mark), name);
    }
  }
  return {
    find(name) {
      if (own.has(name)) return { name, by: "name" };
      const forms = formsOf(name);
      for (const form of forms) {
        const found = byForm.get(form);
        if (found !== undefined) return { name: found, by: "form" };
      }
      for (const form of forms) {
        const found = byKey.get(nameKey(form));
        if (found !== undefined) return { name: found, by: "capitals" };
      }
      return undefined;
    },
  };
}

function formOf(name: string): string {
  return slashes(name.normalize("NFC")).replace(/^images\//, "");
}

/** The forms to look for; `*` stands for any folder, where only the last part tells. */
function formsOf(name: string): string[] {
  const relative = relativeName(name);
  const plain = [formOf(relative), formOf(decodePercent(relative))];
  const isElsewhere = /^[a-z][a-z0-9+.-]+:\/\//i.test(name) || isAbsolute(slashes(name));
  return isElsewhere ? [...plain, ...plain.map((form) => `*/${form}`)] : plain;
}
