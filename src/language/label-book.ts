// What the parts of a tree say of each other, gathered while it is read and checked at its end: labels that
// are unique, `go to` that leads somewhere, how many parts there are. Knows places, no text and no values.
import { suggestion } from '../base/suggestion.ts';
import type { Place } from './expression.ts';
import type { Report } from './infer-dimensions.ts';

/** Numbers of the groups around a part, outermost first. */
export type GroupPath = readonly number[];

interface Labelled {
  readonly label: string;
  readonly at: Place;
  readonly path: GroupPath;
  readonly isStep: boolean;
}
type Jump = Omit<Labelled, 'isStep'>;

export interface LabelBook {
  addLabel(labelled: Labelled): void;
  addJump(jump: Jump): void;
  /** The number of a new group. */
  newGroup(): number;
  /** How many parts there are, this one counted. */
  countPart(): number;
  noteCurrentStep(): void;
  /** Whether a step with current came before in the text. */
  hasCurrentStep(): boolean;
  /** Reports what does not fit together; once, when all of the tree was read. */
  check(report: Report): void;
}

export function createLabelBook(): LabelBook {
  const labels: Labelled[] = [];
  const jumps: Jump[] = [];
  let [groups, parts] = [0, 0];
  let sawCurrent = false;
  return {
    addLabel: (labelled) => void labels.push(labelled),
    addJump: (jump) => void jumps.push(jump),
    newGroup: () => (groups += 1),
    countPart: () => (parts += 1),
    noteCurrentStep: () => {
      sawCurrent = true;
    },
    hasCurrentStep: () => sawCurrent,
    check: (report) => {
      const byLabel = new Map<string, Labelled>();
      for (const labelled of labels) {
        const first = byLabel.get(labelled.label);
        if (first === undefined) byLabel.set(labelled.label, labelled);
        else {
          const found = `the label "${labelled.label}" stands here and in line ${first.at.line}`;
          report(labelled.at, `${found}; rename one`);
        }
      }
      for (const jump of jumps) checkJump(jump, byLabel, report);
    },
  };
}

function checkJump(jump: Jump, byLabel: ReadonlyMap<string, Labelled>, report: Report): void {
  const target = byLabel.get(jump.label);
  if (target === undefined) {
    const steps = [...byLabel.values()].filter(({ isStep }) => isStep).map(({ label }) => label);
    report(jump.at, `go to: no step has the label "${jump.label}"; ${suggestion(jump.label, steps)}`);
  } else if (!target.isStep)
    report(
      jump.at,
      `go to: "${jump.label}" is a group; it leads to a step of this group or of one around it`,
    );
  else if (!target.path.every((group, index) => jump.path[index] === group))
    report(
      jump.at,
      `go to: "${jump.label}" is inside another group; it leads to this group or one around it`,
    );
}
