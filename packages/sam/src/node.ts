/** The entry for Node: the library with files, sharp and onnxruntime-node. */
export { decodeEmbedding, decodeEmbeddingNpy, encodeEmbedding, encodeEmbeddingNpy } from "./embeddings/embedding-file.js";
