/** For tests: the bytes of pickles as PyTorch writes them, and of such as it never would. */
export * from "../weights/pickle/write-pickle.js";
export { joinBytes } from "../weights/write-zip.js";
