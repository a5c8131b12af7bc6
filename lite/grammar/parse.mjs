// The grammar of bash in JavaScript, for the page's Python: `tree_sitter.py` beside this loads it when it is needed.
import { Language, Parser } from "./web-tree-sitter.js";

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(new URL("tree-sitter-bash.wasm", import.meta.url).href));

// Returns the tree of a text as JSON: its nodes, each before those inside it, with the number of these at its end.
export function parse(text) {
  const tree = parser.parse(text);
  const cursor = tree.walk();
  const nodes = [];
  do {
    do nodes.push(described(cursor));
    while (cursor.gotoFirstChild());
  } while (goesOn(cursor));
  cursor.delete();
  tree.delete();
  return JSON.stringify(nodes);
}

function described(cursor) {
  const node = cursor.currentNode;
  return [
    node.type,
    node.isNamed,
    node.isMissing,
    node.hasError,
    node.startIndex,
    node.endIndex,
    [node.startPosition.row, node.startPosition.column],
    cursor.currentFieldName,
    node.childCount,
  ];
}

function goesOn(cursor) {
  while (!cursor.gotoNextSibling()) if (!cursor.gotoParent()) return false;
  return true;
}
