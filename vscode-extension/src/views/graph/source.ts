/**
 * From places in the text to nodes.
 *
 * Owns the choice among nodes whose source covers a position. Pure.
 */

import type { Dag, DagNode, Position, Range } from "../../protocol";

function covers(range: Range, at: Position): boolean {
  const afterStart = at.line > range.start.line || (at.line === range.start.line && at.character >= range.start.character);
  const beforeEnd = at.line < range.end.line || (at.line === range.end.line && at.character <= range.end.character);
  return afterStart && beforeEnd;
}

function extent(range: Range): number {
  return (range.end.line - range.start.line) * 10_000 + (range.end.character - range.start.character);
}

/** The node with the smallest source that covers `at`, else the first node of that line. */
export function nodeAt(dag: Dag, at: Position): DagNode | undefined {
  const ranged = dag.nodes.filter((node): node is DagNode & { range: Range } => node.range !== null && node.range !== undefined);
  const covering = ranged.filter((node) => covers(node.range, at)).sort((a, b) => extent(a.range) - extent(b.range));
  return covering[0] ?? ranged.find((node) => node.range.start.line <= at.line && at.line <= node.range.end.line);
}
