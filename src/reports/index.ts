/** Reports on results. */
export {
  type Headline,
  type ReportContent,
  type ReportData,
  type ReportFigure,
  type ReportLink,
  type ReportMosaic,
  type ReportSplit,
  type ReportTable,
  reportHtml,
  writeReport,
} from "./report.ts";
