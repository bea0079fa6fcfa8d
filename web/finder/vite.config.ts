/** Builds the page that runs a finder into dist/finder: plain files that a browser opens from a folder. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { defineConfig } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const out = join(root, "../../dist/finder");

/** ONNX Runtime's WebAssembly as scripts, since a page from a folder may fetch nothing. */
const RUNTIMES = [
  { file: "runtime.js", name: "arcletRuntime", wasm: "ort-wasm-simd-threaded.wasm" },
  { file: "runtime-webgpu.js", name: "arcletRuntimeWebgpu", wasm: "ort-wasm-simd-threaded.asyncify.wasm" },
];

function writeRuntimes(): void {
  for (const { file, name, wasm } of RUNTIMES) {
    const path = createRequire(import.meta.url).resolve(`onnxruntime-web/${wasm}`);
    const packed = gzipSync(readFileSync(path), { level: 9 }).toString("base64");
    writeFileSync(join(out, file), `window.${name}="${packed}";\n`);
  }
}

export default defineConfig({
  root,
  // A plain script has no address of its own; ONNX Runtime then asks for none.
  define: { "import.meta.url": "undefined" },
  worker: { format: "iife" },
  build: {
    outDir: out,
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: join(root, "src/main.tsx"),
      output: {
        format: "iife",
        entryFileNames: "finder.js",
        assetFileNames: "finder[extname]",
      },
    },
  },
  plugins: [
    {
      name: "finder's other files",
      generateBundle(_, bundle) {
        for (const file of Object.keys(bundle)) if (file.endsWith(".wasm")) delete bundle[file];
      },
      closeBundle() {
        copyFileSync(join(root, "index.html"), join(out, "index.html"));
        writeRuntimes();
      },
    },
  ],
  logLevel: "warn",
});
