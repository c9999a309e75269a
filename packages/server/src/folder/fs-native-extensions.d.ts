/** The part of `fs-native-extensions` used here; the package has no types. */
declare module "fs-native-extensions" {
  /**
   * Takes an exclusive lock for as long as the descriptor is open.
   *
   * @returns false if another descriptor has the lock
   */
  export function tryLock(descriptor: number): boolean;
}
