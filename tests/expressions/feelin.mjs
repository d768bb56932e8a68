// What feelin answers to the expressions of feelin_table.json: `node tests/expressions/feelin.mjs [--write]`.
//
// Without --write it says which answers differ from the table's, and then ends with 1. The table's expressions are ours;
// each row is [expression, answer], or [cell, input, answer] for the tests of decision tables. Those in `refused` Gongdan
// does not accept, for the reason that stands between: its answer would be another than feelin's.
import { readFileSync, writeFileSync } from "node:fs";
import { evaluate, isFunction, isRange, unaryTest } from "feelin";

const path = new URL("feelin_table.json", import.meta.url);
const table = JSON.parse(readFileSync(path, "utf8"));

/** The value as JSON: dates, times, durations, ranges and functions by their kind. */
function plain(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : { "@": "nan" };
  if (typeof value !== "object" && typeof value !== "function") return value;
  if (Array.isArray(value)) return value.map(plain);
  if (isFunction(value) || typeof value === "function") return { "@": "function" };
  if (isRange(value)) return { "@": "range", is: value.toString() };
  const kind = value.constructor?.name ?? "";
  if (kind.startsWith("Feel")) return { "@": kind.slice(4).toLowerCase(), is: value.toString() };
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}

function answer(ask) {
  try {
    return plain(ask().value);
  } catch {
    return { "@": "throws" };
  }
}

let differing = 0;
function settle(row, expression, found) {
  if (JSON.stringify(row.at(-1)) !== JSON.stringify(found)) {
    console.log(`${expression}: ${JSON.stringify(row.at(-1))} in the table, ${JSON.stringify(found)} of feelin`);
    differing += 1;
    row[row.length - 1] = found;
  }
}

for (const group of table.expressions) {
  for (const row of group.rows) settle(row, row[0], answer(() => evaluate(row[0], group.values)));
}
for (const group of table.cells) {
  for (const row of group.rows) {
    settle(row, `${row[0]} of ${JSON.stringify(row[1])}`, answer(() => unaryTest(row[0], { ...group.values, "?": row[1] })));
  }
}
for (const row of table.refused.rows) settle(row, row[0], answer(() => evaluate(row[0], table.refused.values)));

/** JSON with a line for each row. */
function written(value, indent = "") {
  const inner = indent + "  ";
  if (Array.isArray(value) && value.every((row) => Array.isArray(row))) {
    return `[\n${value.map((row) => inner + JSON.stringify(row)).join(",\n")}\n${indent}]`;
  }
  if (Array.isArray(value)) return `[${value.map((each) => written(each, indent)).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => {
    const text = key === "values" ? JSON.stringify(each) : written(each, inner);
    return `${inner}${JSON.stringify(key)}: ${text}`;
  });
  return `{\n${entries.join(",\n")}\n${indent}}`;
}

if (process.argv.includes("--write")) writeFileSync(path, `${written(table)}\n`);
else if (differing) process.exitCode = 1;
