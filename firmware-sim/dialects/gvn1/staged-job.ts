// A job on its way in: nodes arrive one by one, `commit` checks that they are what their id says.
import { jobFromNodes, type Job, type StepNode } from '../../board/step-node.ts';
import { crc32Hex } from './crc32.ts';

export class StagedJob {
  readonly id: string;
  readonly nodeCount: number;
  readonly #nodes = new Map<number, { readonly node: StepNode; readonly text: string }>();

  constructor(id: string, nodeCount: number) {
    this.id = id;
    this.nodeCount = nodeCount;
  }

  /** False when there is no room for another node. The same id again replaces the one staged before. */
  add(node: StepNode, text: string): boolean {
    if (!this.#nodes.has(node.id) && this.#nodes.size >= this.nodeCount) return false;
    this.#nodes.set(node.id, { node, text });
    return true;
  }

  /** The job, or null when nodes are missing, do not form one tree, or differ from the id. */
  assemble(): Job | null {
    if (this.#nodes.size !== this.nodeCount) return null;
    const nodes = this.#ordered().map(({ node }) => node);
    return this.hasItsId() ? jobFromNodes(this.id, nodes) : null;
  }

  /** The id is the CRC of the node texts in rising order of node id, each with an LF. */
  hasItsId(): boolean {
    const texts = this.#ordered().map(({ text }) => `${text}\n`);
    return crc32Hex(texts.join('')) === this.id;
  }

  #ordered(): { readonly node: StepNode; readonly text: string }[] {
    return [...this.#nodes.values()].sort((a, b) => a.node.id - b.node.id);
  }
}
