/** ONNX Runtime's WebAssembly, which a page from a folder can't fetch: scripts that hold it, gzipped, in base64. */

declare global {
  /** Set by `runtime.js`. */
  var arcletRuntime: string | undefined;
  /** Set by `runtime-webgpu.js`, which is loaded where the browser has a GPU. */
  var arcletRuntimeWebgpu: string | undefined;
}

async function unpacked(packed: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** Adds a script that lies beside the page. */
function loaded(file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = file;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${file} is missing beside the page`));
    document.head.append(script);
  });
}

/** Once a page. */
const once = <T>(make: () => Promise<T>) => {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
};

export const wasmRuntime = once(() => unpacked(globalThis.arcletRuntime!));

export const webgpuRuntime = once(async () => {
  await loaded("runtime-webgpu.js");
  return unpacked(globalThis.arcletRuntimeWebgpu!);
});
