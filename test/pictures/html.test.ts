import { expect, test } from "vitest";
import { html, joined, raw } from "../../src/pictures/html.ts";
import { htmlTable } from "../../src/pictures/html-table.ts";

const evil = `<b title="x">'&`;
const safe = "&lt;b title=&quot;x&quot;&gt;&#39;&amp;";

test("a template escapes what it is given, in elements and in attributes", () => {
  expect(html`<p title="${evil}">${evil} ${7}</p>`.text).toBe(`<p title="${safe}">${safe} 7</p>`);
});

test("what a template made, and what is vouched for, goes in as it is", () => {
  const inner = html`<i>${evil}</i>`;
  expect(html`<p>${inner}${raw("<svg/>")}</p>`.text).toBe(`<p><i>${safe}</i><svg/></p>`);
});

test("lists are joined, null and undefined are nothing, zero and an empty text are themselves", () => {
  const items = [evil, 0, ""].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}${null}${undefined}${[[evil]]}</ul>`.text).toBe(
    `<ul><li>${safe}</li><li>0</li><li></li>${safe}</ul>`,
  );
  expect(joined([html`<i></i>`, evil], "\n").text).toBe(`<i></i>\n${safe}`);
});

test("a table marks intervals, numbers below the line and long texts, and escapes the rest", () => {
  const table = {
    columns: ["method", "TPR_10", evil],
    rows: [[evil, { value: 0.5, low: 0.4, high: 0.6 }, "a text of more than twenty-four letters"]],
  };
  expect(htmlTable(table).text).toBe(
    // Its words need 400 pixels and more: in a narrower place the line above is shown.
    '<div class="scrolls"><div class="over-400"><p class="hint">This table scrolls sideways: it has 3 columns.</p>' +
      '<div class="table" tabindex="0"><table><thead><tr>' +
      `<th scope="col">method</th><th scope="col">TPR<sub>10</sub></th><th scope="col">${safe}</th>` +
      `</tr></thead><tbody><tr><th scope="row">${safe}</th>` +
      '<td class="number">0.500 <span class="interval">[0.400, 0.600]</span></td>' +
      '<td class="long">a text of more than twenty-four letters</td></tr></tbody></table></div></div></div>',
  );
});
