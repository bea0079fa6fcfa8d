/**
 * What TypeDoc is told beyond its settings: a page's name and group come from its heading and folder, a setting's comment is
 * the description that its schema has, which `--help` shows too, and properties must have comments.
 */
import { readFileSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { Application, Comment, Converter, ReflectionKind } from "typedoc";
import ts from "typescript";

/** Groups by folder, in the order that the site lists them. */
const GROUPS = { docs: "Guides", "docs/results": "Results", "docs/decisions": "Decisions" };

/** Functions of src/foundation/field.ts and others whose text argument describes a setting. */
const FIELDS = new Set(["number", "count", "seed", "yes", "text", "choice", "list", "texts", "choices"]);

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
    const path = app.files.getReflectionPath(page);
    const folder = relative(process.cwd(), dirname(path)).split(sep).join("/");
    page.name = /^# (.+)$/m.exec(readFileSync(path, "utf8"))?.[1] ?? page.name;
    page.frontmatter.group = GROUPS[folder];
  });
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, declared) => {
    if (!declared.kindOf(ReflectionKind.Property) || declared.hasComment()) return;
    for (const node of context.getSymbolFromReflection(declared)?.declarations ?? []) {
      const description = ts.isPropertyAssignment(node) && (describedBy(node.initializer) ?? commentOn(node));
      if (description) {
        declared.comment = new Comment([{ kind: "text", text: description }]);
        return;
      }
    }
  });
  // TypeDoc's own check of properties takes those of every literal within a type, too: here, what classes and interfaces have.
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const property of project.getReflectionsByKind(ReflectionKind.Property)) {
      const documented =
        property.hasComment() || property.type?.declaration?.signatures?.some((one) => one.hasComment());
      if (property.parent.kindOf(ReflectionKind.ClassOrInterface) && !documented && !property.inheritedFrom)
        app.logger.validationWarning(`${property.getFriendlyFullName()} has no documentation`);
    }
  });
}

/** The text in `….describe("text")`, or in `count("text", …)` and its like; undefined if there is none. */
function describedBy(node) {
  for (let call = node; ts.isCallExpression(call); call = inner(call)) {
    const name = ts.isPropertyAccessExpression(call.expression)
      ? call.expression.name.text
      : ts.isIdentifier(call.expression)
        ? call.expression.text
        : "";
    if (name !== "describe" && !FIELDS.has(name)) continue;
    for (const argument of call.arguments) {
      const text = textOf(argument);
      if (text !== undefined) return text;
    }
  }
  return undefined;
}

/** What a call in a chain is called on. */
const inner = (call) =>
  ts.isPropertyAccessExpression(call.expression) ? call.expression.expression : call.expression;

/** A text, or several that are added up; undefined for what is computed otherwise. */
function textOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node)) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

/** The comment before a property of a schema. */
function commentOn(node) {
  const text = ts.getTextOfJSDocComment(ts.getJSDocCommentsAndTags(node)[0]?.comment);
  return text === "" ? undefined : text;
}
