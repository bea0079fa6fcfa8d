/** Draws images with WebGL2: values go to the graphics card as they are, and every pixel's colour is made there. */
import { colourTable, STEPS } from "./colour-maps.ts";
import { type Display, isMapped, LOG_CONTRAST, SOFTENING, STRETCHES } from "./display.ts";
import { shownOf } from "./levels.ts";
import type { Painter, Tile } from "./painter.ts";

const VERTEX = `#version 300 es
out vec2 at;
void main() {
  // A triangle that covers the square from (0, 0), the upper left, to (1, 1).
  at = vec2(float((gl_VertexID << 1) & 2), float(gl_VertexID & 2));
  gl_Position = vec4(at.x * 2.0 - 1.0, 1.0 - at.y * 2.0, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
uniform sampler2D values;   // W × (C · H)
uniform ivec2 size;         // W, H
uniform ivec3 channels;
uniform vec3 sky;
uniform vec3 noise;
uniform vec3 low;           // levels shown black
uniform vec3 high;          // and white
uniform float contrast;
uniform float bias;
uniform sampler2D colours;  // of a band alone
uniform bool mapped;
uniform float zoom;
uniform int stretch;        // the index in STRETCHES; -1: as it is
uniform bool inverted;
uniform bool smoothed;
in vec2 at;
out vec4 colour;

float valueAt(int channel, ivec2 p) {
  ivec2 q = clamp(p, ivec2(0), size - 1);
  return texelFetch(values, ivec2(q.x, channel * size.y + q.y), 0).r;
}

float between(int channel, vec2 p) {
  if (!smoothed) return valueAt(channel, ivec2(floor(p)));
  vec2 corner = p - 0.5;
  ivec2 first = ivec2(floor(corner));
  vec2 part = corner - vec2(first);
  float top = mix(valueAt(channel, first), valueAt(channel, first + ivec2(1, 0)), part.x);
  float bottom = mix(valueAt(channel, first + ivec2(0, 1)), valueAt(channel, first + ivec2(1, 1)), part.x);
  return mix(top, bottom, part.y);
}

vec3 stretched(vec3 lit, vec3 span) {
  vec3 top = asinh(span / ${SOFTENING.toFixed(1)});
  if (stretch == ${STRETCHES.indexOf("lupton")}) {
    float mean = (lit.r + lit.g + lit.b) / 3.0;
    if (mean <= 0.0) return vec3(0.0);
    vec3 shown = lit * (asinh(mean / ${SOFTENING.toFixed(1)}) / top.r / mean);
    return shown / max(max(shown.r, max(shown.g, shown.b)), 1.0);
  }
  vec3 part = min(lit / span, 1.0);
  if (stretch == ${STRETCHES.indexOf("linear")} || stretch == ${STRETCHES.indexOf("zscale")}) return part;
  if (stretch == ${STRETCHES.indexOf("sqrt")}) return sqrt(part);
  if (stretch == ${STRETCHES.indexOf("log")}) return log(1.0 + ${LOG_CONTRAST.toFixed(1)} * part) / log(1.0 + ${LOG_CONTRAST.toFixed(1)});
  return min(asinh(lit / ${SOFTENING.toFixed(1)}) / top, 1.0);
}

void main() {
  vec2 p = (vec2(0.5) + (at - 0.5) / zoom) * vec2(size);
  vec3 raw = vec3(between(channels.r, p), between(channels.g, p), between(channels.b, p));
  vec3 shown = stretch < 0 ? raw : stretched(max((raw - sky) / noise - low, 0.0), max(high - low, 1e-6));
  shown = clamp((shown - bias) * contrast + 0.5, 0.0, 1.0);
  if (inverted) shown = 1.0 - shown;
  if (mapped) shown = texelFetch(colours, ivec2(int(floor(shown.r * ${(STEPS - 1).toFixed(1)} + 0.5)), 0), 0).rgb;
  colour = vec4(shown, 1.0);
}`;

const UNIFORMS = [
  "values",
  "size",
  "channels",
  "sky",
  "noise",
  "low",
  "high",
  "contrast",
  "bias",
  "colours",
  "mapped",
  "zoom",
  "stretch",
  "inverted",
];

/** Null where the browser or its graphics card has no WebGL2, or no large enough textures. */
export function webglPainter(canvas: HTMLCanvasElement): Painter | null {
  const gl = canvas.getContext("webgl2", { antialias: false, depth: false, alpha: true });
  if (gl === null) return null;
  const program = programOf(gl);
  if (program === null) return null;
  const place = new Map(
    [...UNIFORMS, "smoothed"].map((name) => [name, gl.getUniformLocation(program, name)] as const),
  );
  gl.useProgram(program);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  for (const [unit, name] of ["values", "colours"].entries()) {
    bindTexture(gl, unit);
    gl.uniform1i(place.get(name)!, unit);
  }
  return {
    kind: "webgl",
    paint(tiles, display) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform1f(place.get("contrast")!, display.contrast);
      gl.uniform1f(place.get("bias")!, display.bias);
      gl.uniform1f(place.get("zoom")!, display.zoom);
      gl.uniform1i(place.get("inverted")!, Number(display.inverted));
      gl.uniform1i(place.get("smoothed")!, Number(display.smooth));
      gl.activeTexture(gl.TEXTURE1);
      const table = colourTable(display.map);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, STEPS, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
      gl.activeTexture(gl.TEXTURE0);
      for (const tile of tiles) drawTile(gl, place, tile, display);
    },
  };
}

/** Binds a new texture to a unit. Floats can't be interpolated by every card; the shader does that. */
function bindTexture(gl: WebGL2RenderingContext, unit: number): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
    gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
    gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
}

type Places = ReadonlyMap<string, WebGLUniformLocation | null>;

function drawTile(gl: WebGL2RenderingContext, place: Places, tile: Tile, display: Display): void {
  const { image, x, y, side } = tile;
  const [count, height, width] = image.shape;
  const { channels, sky, noise, range } = shownOf(image, display);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, width, count * height, 0, gl.RED, gl.FLOAT, image.values);
  gl.uniform2i(place.get("size")!, width, height);
  gl.uniform3i(place.get("channels")!, ...channels);
  gl.uniform3f(place.get("sky")!, ...sky);
  gl.uniform3f(place.get("noise")!, ...noise);
  gl.uniform3f(place.get("low")!, ...range.low);
  gl.uniform3f(place.get("high")!, ...range.high);
  gl.uniform1i(place.get("mapped")!, Number(isMapped(display, count)));
  const stretch = image.pixels === "display" ? -1 : STRETCHES.indexOf(display.stretch);
  gl.uniform1i(place.get("stretch")!, stretch);
  gl.viewport(x, gl.drawingBufferHeight - y - side, side, side);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
}

function programOf(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (shader === null) return null;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}
