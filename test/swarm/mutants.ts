// Planted bugs, to test the tester: the swarm must catch every one. Data only: text that is replaced in the
// built tree, chosen so that it stands there and in the source exactly once (a test sees to it, so that no
// mutant can rot). tsc puts what follows an `if (…)` on a line of its own: no text reaches beyond it.

export interface Edit {
  /** Of the source; the same place below dist/, as .js. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  readonly why: string;
  readonly edits: readonly Edit[];
}

const STEP_LOADER = 'src/daemon/step-loader.ts';
const SEQUENCER = 'src/samples/report-sequencer.ts';
const RECONCILE = 'src/daemon/reconcile.ts';
const HALF_CYCLE_BOOK = 'src/daemon/half-cycle-book.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'acts-before-journal',
    why: 'a plan is sent before its intent is stored',
    edits: [
      {
        file: STEP_LOADER,
        find: 'journal.flush(() => this.#options.guard(() => this.#send(',
        replace: 'void (() => journal.flush())(this.#options.guard(() => this.#send(',
      },
    ],
  },
  {
    name: 'sends-an-intent-twice',
    why: 'a load is sent again, and the journal knows of one',
    edits: [
      {
        file: STEP_LOADER,
        find: 'device.load(tree, (result) =>',
        replace: 'device.load(tree, () => undefined); device.load(tree, (result) =>',
      },
    ],
  },
  {
    name: 'forgets-a-carry-on-clock-wrap',
    why: 'the device clock wraps and its count does not go on',
    edits: [
      {
        file: 'src/samples/clock-unwrapper.ts',
        find: "assertInteger(countUs, 'countUs') + 0",
        replace: "assertInteger(countUs % this.wrapUs, 'countUs') + 0",
      },
    ],
  },
  {
    name: 'drops-the-last-sample-of-a-step',
    why: 'the edge of a step is not recorded',
    edits: [
      {
        file: 'src/daemon/recorder.ts',
        find: 'for (let index = 0; index < report.timeUs.length; index += 1) {',
        replace: [
          'for (let index = 0; index < report.timeUs.length; index += 1) {',
          'if ((report.flags[index] & 2) === 2) continue;',
        ].join(' '),
      },
    ],
  },
  {
    name: 'compares-steps-by-content',
    why: 'a report of a step that is like the expected one, a plate for a plate, is taken for it',
    edits: [
      {
        file: SEQUENCER,
        find: "return report.type === 'samples' ? this.#deliverSamples(report) : this.#deliverEnd(report);",
        replace: [
          'if ((report.stepNumber - this.#expectedStep) % 2 === 0) this.#expectedStep = report.stepNumber;',
          "return report.type === 'samples' ? this.#deliverSamples(report) : this.#deliverEnd(report);",
        ].join(' '),
      },
    ],
  },
  {
    name: 'commits-the-pyramid-apart',
    why: 'extremes of samples are written with the transaction after theirs',
    edits: [
      {
        file: 'src/store/run-database.ts',
        find: 'pyramid.addSamples(piece, rows.rollup);',
        replace: [
          'for (const row of (this.apart ??= []).splice(0)) rows.rollup(row);',
          'pyramid.addSamples(piece, (row) => void this.apart.push(row));',
        ].join(' '),
      },
    ],
  },
  {
    name: 'leases-for-a-run-that-is-held',
    why: 'the lease goes on for a run that holds or has ended',
    edits: [
      { file: 'src/daemon/channel.ts', find: 'this.#parts.lease.stop();', replace: '' },
      {
        file: 'src/daemon/lease-keeper.ts',
        find: 'const { clock, device, isWanted, onStatus } = this.#options;',
        replace: 'const { clock, device, onStatus } = this.#options; const isWanted = () => true;',
      },
    ],
  },
  {
    name: 'acknowledges-before-the-commit',
    why: 'a commit is answered, and stored a moment later',
    edits: [
      {
        file: 'src/store/inline-store.ts',
        find: 'const result = this.#commit(commit);',
        replace: 'this.#parts.clock.after(60, () => this.#commit(commit)); const result = { ok: true };',
      },
    ],
  },
  {
    name: 'takes-a-refused-commit-for-stored',
    why: 'what a full disk refused is forgotten',
    edits: [{ file: 'src/daemon/journal.ts', find: 'if (!result.ok) {', replace: 'if (false) {' }],
  },
  {
    name: 'skips-the-back-fill',
    why: 'what was lost on the line is written down as a gap instead of being asked for',
    edits: [
      {
        file: SEQUENCER,
        find: 'if (known < 0) {',
        replace:
          'if (known < 0) { this.#lose(report.firstN); return this.#deliverSamples(report); } if (false) {',
      },
    ],
  },
  {
    name: 'ignores-a-gap',
    why: 'numbers that never came are passed over without a row',
    edits: [{ file: SEQUENCER, find: 'this.#output.gap({ firstN, count: untilN - firstN });', replace: '' }],
  },
  {
    name: 'takes-a-doubled-line-for-new',
    why: 'samples that are known already are recorded again',
    edits: [{ file: SEQUENCER, find: 'if (known >= count)', replace: 'if (false)' }],
  },
  {
    name: 'counts-half-cycles-anew',
    why: 'after a restart half-cycles are numbered from one again',
    edits: [
      {
        file: HALF_CYCLE_BOOK,
        find: '= [count, cut, isAfterOutage];',
        replace: '= [0, cut, isAfterOutage];',
      },
    ],
  },
  {
    name: 'does-not-mark-a-cut-half-cycle',
    why: 'a half-cycle with an outage in it goes into means and baselines',
    edits: [
      {
        file: HALF_CYCLE_BOOK,
        find: 'isInterrupted || isSkipped || this.#isAfterOutage || cut !== null',
        replace: 'isInterrupted || isSkipped',
      },
    ],
  },
  {
    name: 'swallows-a-device-reset',
    why: 'a device that knows no run is loaded as if it rested',
    edits: [{ file: RECONCILE, find: "return { type: 'reset' };", replace: "return { type: 'load' };" }],
  },
  {
    name: 'gives-the-full-charge-again',
    why: 'after a reset the remainder of a half-cycle is the whole of it',
    edits: [
      {
        file: 'src/daemon/run-frame.ts',
        find: 'netChargeNc: reached.netChargeNc });',
        replace: 'netChargeNc: 0 });',
      },
    ],
  },
  {
    name: 'lets-a-stale-command-through',
    why: 'what was queued on one connection is sent on the next',
    edits: [
      {
        file: 'src/device/link.ts',
        find: "return { ...state, phase: 'closed', outstanding: null, queue: [] };",
        replace: "return { ...state, phase: 'closed', outstanding: null };",
      },
    ],
  },
  {
    name: 'accepts-a-damaged-frame',
    why: 'the CRC is not looked at',
    edits: [
      {
        file: 'src/frames/dialects/gvn1/frame.ts',
        find: 'if (crc32OfText(body) !== Number.parseInt(line.slice(star + 1, -1), 16))',
        replace: 'if (false)',
      },
    ],
  },
  {
    name: 'ends-a-run-without-off',
    why: 'a run is closed and nobody has opened its cell',
    edits: [
      {
        file: 'src/daemon/run-ending.ts',
        find: 'cell.open((off) => {',
        replace: '((opened) => opened({ isOpen: true }))((off) => {',
      },
    ],
  },
];
