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
    // What is ticked is enlarged by the style alone.
    expect(document.querySelectorAll("figure label input[type=checkbox] + img").length).toBe(1);
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

  test("has no table without rows, and says of a wide one that it scrolls", () => {
    const empty = { title: "none", table: { columns: ["a"], rows: [] } };
    const wide = {
      title: "wide",
      table: { columns: Array.from({ length: 20 }, (_, k) => `column${k}`), rows: [Array(20).fill(1)] },
    };
    const page = parseHTML(reportHtml({ ...content, data: [], split: null, tables: [empty, wide] })).document;
    expect([...page.querySelectorAll("h3")].map((node) => node.textContent)).not.toContain("none");
    expect(page.querySelectorAll("table").length).toBe(1);
    // 20 columns of 8 letters or more can't stand in 1,200 pixels.
    expect(page.querySelector(".over-1200 .hint")!.textContent).toBe(
      "This table scrolls sideways: it has 20 columns.",
    );
    expect([...page.querySelectorAll("h2")].map((node) => node.textContent)).not.toContain("Data");
  });

  test("gives a candidate's whole id, its position, and links to sky viewers", () => {
    const id = "a-very-long-identifier-of-a-survey-J141057.02+521138.1";
    const picture = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
    const tile = { picture, caption: "1 · 0.973", id, position: { ra: 212.7376, dec: -52.19391 } };
    const page = parseHTML(
      reportHtml({ ...content, mosaics: [{ title: "Top", caption: "", tiles: [tile] }] }),
    ).document;
    expect(page.querySelector(".id")!.textContent).toBe(id);
    expect(page.querySelector(".place")!.textContent).toBe("212.73760, −52.19391");
    const links = [...page.querySelectorAll(".links a")].map((node) => node.getAttribute("href")!);
    const at = (k: number) => new URL(links[k]!);
    expect([at(0).host, at(1).host, at(2).host]).toEqual([
      "www.legacysurvey.org",
      "aladin.cds.unistra.fr",
      "sky.esa.int",
    ]);
    expect([at(0).searchParams.get("ra"), at(0).searchParams.get("dec")]).toEqual([
      "212.737600",
      "-52.193910",
    ]);
    expect(at(1).searchParams.get("target")).toBe("212.737600 -52.193910");
    expect(at(2).searchParams.get("target")).toBe("212.737600 -52.193910");
  });

  test("is written whole", () => {
    const path = join(mkdtempSync(join(tmpdir(), "arclet-report-")), "report.html");
    writeReport(path, content);
    expect(readFileSync(path, "utf8")).toBe(html);
  });
});
