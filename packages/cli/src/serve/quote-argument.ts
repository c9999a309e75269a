/** An argument of a command line that a user may copy, so that the shell takes it as it is written. */
export function quoteArgument(argument: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === "win32") return /^[\w./\\:-]+$/.test(argument) ? argument : `"${argument}"`;
  return /^[\w./:-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
