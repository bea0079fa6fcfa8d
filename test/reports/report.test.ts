import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { trainingFigure } from "../../src/pictures/training-figure.ts";
import { type ReportContent, reportHtml, writeReport } from "../../src/reports/report.ts";

const evil = `<img src=x onerror="alert('1')">&`;

const content: ReportContent = {
  title: `Lenses ${evil}`,
  question: `Asked ${evil}`,
  headlines: [{ label: `AUROC ${evil}`, value: evil, detail: evil }],
  data: [{ role: evil, name: evil, images: 12, classes: { [evil]: 12 }, hash: "sha256:0123", origin: evil }],
  split: { text: evil, seal: { split: evil, time: evil, openedBefore: 0 } },
  tables: [
    {
      title: evil,
      note: evil,
      table: { columns: ["method", "TPR_10"], rows: [[evil, { value: 0.5, low: 0.4, high: 0.6 }]] },
    },
  ],
  figures: [
    {
      title: evil,
      svg: trainingFigure([{ name: evil, points: [{ epoch: 1, value: 2 }] }], { label: evil }),
      caption: evil,
    },
  ],
  mosaics: [
    {
      title: evil,
      caption: evil,
      tiles: [
        {
          picture: { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) },
          caption: evil,
          id: evil,
          label: evil,
        },
      ],
    },
  ],
  training: [
    {
      title: evil,
      svg: trainingFigure([{ name: evil, points: [{ epoch: 0.5, value: 2 }] }], { label: evil }),
      caption: evil,
    },
  ],
  commands: [`arclet evaluate ${evil}`],
  versions: { [evil]: evil },
  notes: [evil],
};

describe("the report", () => {
  const html = reportHtml(content);
  const { document } = parseHTML(html);

  test("escapes every text it is given", () => {
    // The only image is the mosaic's own.
    expect(document.querySelectorAll("img").length).toBe(1);
    expect(html).not.toContain("<img src=x");
    expect(document.querySelector("h1")!.textContent).toBe(content.title);
    expect(document.querySelector("pre")!.textContent).toBe(content.commands[0]);
    expect(document.querySelector("img")!.getAttribute("alt")).toBe(evil);
  });

  test("asks nothing of the network and runs nothing", () => {
    expect(document.querySelectorAll("script, link, iframe, object").length).toBe(0);
    const sources = [...document.querySelectorAll("[src], [href]")].map(
      (node) => node.getAttribute("src") ?? "",
    );
    expect(sources.every((source) => source.startsWith("data:image/png;base64,"))).toBe(true);
    const addresses = html.match(/https?:\/\/[^"\s<]+/g) ?? [];
    expect(new Set(addresses)).toEqual(new Set(["http://www.w3.org/2000/svg"]));
    expect(html).not.toContain("@import");
  });

  test("has a section for each thing it must say", () => {
    const sections = [...document.querySelectorAll("h2")].map((node) => node.textContent);
    expect(sections).toEqual([
      "Results",
      "Figures",
      evil,
      "Training",
      "Data",
      "Split and seal",
      "Notes",
      "How to repeat it",
    ]);
    expect(document.querySelector("td .interval")!.textContent).toBe("[0.400, 0.600]");
    expect(document.querySelector("th sub")!.textContent).toBe("10");
  });

  test("says how often the seal had been broken", () => {
    const seal = (openedBefore: number) =>
      parseHTML(
        reportHtml({ ...content, split: { text: "", seal: { split: "test", time: "now", openedBefore } } }),
      ).document.querySelector(".seal")!.textContent;
    expect(seal(0)).toContain("It had not been opened before.");
    expect(seal(1)).toContain("It had been opened 1 time before: these numbers are not of an unseen test.");
    expect(seal(3)).toContain("It had been opened 3 times before");
    const none = parseHTML(reportHtml({ ...content, split: { text: "", seal: null } })).document;
    expect(none.querySelector(".seal")!.textContent).toBe("No split was sealed.");
  });

  test("leaves out what it was not given", () => {
    const bare = { ...content, figures: [], mosaics: [], training: [], notes: [], headlines: [] };
    const sections = [...parseHTML(reportHtml(bare)).document.querySelectorAll("h2")];
    expect(sections.map((node) => node.textContent)).toEqual([
      "Results",
      "Data",
      "Split and seal",
      "How to repeat it",
    ]);
  });

  test("is written whole", () => {
    const path = join(mkdtempSync(join(tmpdir(), "arclet-report-")), "report.html");
    writeReport(path, content);
    expect(readFileSync(path, "utf8")).toBe(html);
  });
});
