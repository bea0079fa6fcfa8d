/** An SVG as a file of its own: it follows the theme of the reader's system. */
export function standaloneSvg(svg: string): string {
  const theme =
    // The plot's own transparent background is in its attribute, and would win.
    "<style>svg{color:#1d2330;background:#fff!important}" +
    "@media (prefers-color-scheme:dark){svg{color:#dfe3ea;background:#14171d!important}}</style>";
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svg.replace(/(<svg[^>]*>)/, `$1${theme}`)}\n`;
}
