/** The part of `fs-native-extensions` that is used here; the package has no types. */
declare module "fs-native-extensions" {
  /** Takes an exclusive lock for as long as the descriptor is open. @returns false when another descriptor has it */
  export function tryLock(descriptor: number): boolean;
}
