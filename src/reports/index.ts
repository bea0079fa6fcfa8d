/** Reports on results. */
export {
  type Headline,
  type ReportContent,
  type ReportData,
  type ReportFigure,
  type ReportMosaic,
  type ReportSplit,
  type ReportTable,
  reportHtml,
  writeReport,
} from "./report.ts";
