import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** One build for both: behind `segany serve`, and on any static host, at whatever path it lies. */
export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    target: "es2023",
    sourcemap: true,
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: ["index.html", "projects.html"] },
    license: { fileName: "licenses.md" },
  },
  worker: {
    format: "es",
    rolldownOptions: {
      output: {
        // Both workers have the same code but for ONNX Runtime: in a chunk of its own it is loaded once.
        codeSplitting: {
          groups: [
            { name: "ort", test: /onnxruntime-web/ },
            { name: "model", test: (id: string) => !/browser-(webgpu-)?worker\.js/.test(id) },
          ],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    // What the server sends too: shared memory, and so threads, need it.
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
      "X-Segany-Api": "v1",
    },
    proxy: { "/v1": process.env.SEGANY_SERVER ?? "http://127.0.0.1:8000" },
  },
});
