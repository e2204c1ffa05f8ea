// INITiate, ABORt, READ?, FETCh?, MEASure?, CONFigure (manual section 17), output and auto-clear. READ? is an
// abort, an initiate and a fetch; its answer waits until the instrument is idle again.
import { type Answer, answer, type Outcome, type Parameters, refused } from './command-kinds.ts';
import { applyOutput, type Core, effective } from './core.ts';
import { NO_RESULT } from './limit-tests.ts';
import { isName, parseNumber } from './parameters.ts';
import { calcText, readingsText } from './reading.ts';
import { RELAY_SETTLE_US, switchOff } from './sdm-cycle.ts';
import { functionsText, setAllFunctions } from './sense-commands.ts';
import { defaultSettings, type SwitchKey } from './settings.ts';

/** `:OUTP ON`. A relay that was open needs 15 ms; commands wait for it. */
export function setOutput(core: Core, isOn: boolean): Outcome {
  if (!isOn) {
    core.trigger.abort(core.us);
    switchOff(core);
    return null;
  }
  const wasOpen = !core.output.isOn && (core.output.isHeldOpen || effective(core).words.offMode === 'HIMP');
  core.output.isOn = true;
  if (wasOpen) core.busyUntilUs = core.us + RELAY_SETTLE_US;
  return null;
}

/** INITiate: readings, filter and limit results begin anew. */
export function initiate(core: Core): Outcome {
  if (!core.settings.switches.isAutoClear && !core.output.isOn) return 803;
  const { switches } = core.settings;
  if (switches.isAutoTimeReset) core.timeZeroUs = core.us;
  if (switches.isLimitAutoClear) core.limits = NO_RESULT;
  core.samples = [];
  core.movingFilter = [];
  core.trigger.start(core.us);
  return null;
}

export function abort(core: Core): Outcome {
  core.trigger.abort(core.us);
  return null;
}

/** FETCh? and friends cannot be asked for what never ends (18-118). */
function isEndless({ settings }: Core): boolean {
  return settings.numbers.armCount === Number.POSITIVE_INFINITY;
}

export function fetch(core: Core): Answer {
  if (isEndless(core)) return refused(830);
  return core.samples.length === 0
    ? refused(-230)
    : answer(readingsText(core.samples, core.settings.elements));
}

export function read(core: Core): Answer {
  if (isEndless(core)) return refused(830);
  const refusal = initiate(core);
  return refusal === null ? { kind: 'when-idle', reply: fetch } : refused(refusal);
}

/** `:SENS:DATA?`: the latest reading. */
export function latest(core: Core): Answer {
  const last = core.samples.at(-1);
  return last === undefined ? refused(-230) : answer(readingsText([last], core.settings.elements));
}

/** `:CALC2:DATA?` and `:LATest?`; +9.91e37 where neither null nor a limit test is on (18-35). */
export function calcData(core: Core, which: 'all' | 'latest'): Answer {
  if (isEndless(core) && which === 'all') return refused(830);
  const readings = which === 'all' ? core.samples : core.samples.slice(-1);
  return readings.length === 0 ? refused(-230) : answer(calcText(readings, core.settings.calcElements));
}

const MEASURED: readonly { readonly name: string; readonly key: SwitchKey }[] = [
  { name: 'VOLTage', key: 'isMeasuringVoltage' },
  { name: 'CURRent', key: 'isMeasuringCurrent' },
  { name: 'RESistance', key: 'isMeasuringResistance' },
];

/** `:CONF:VOLT`: one function, one trigger, no math, no storing, and the output turns on (17-3). */
export function configure(core: Core, name: string): Outcome {
  const found = MEASURED.find((known) => known.name === name);
  if (found === undefined) return -141;
  const { numbers, switches, words } = core.settings;
  const defaults = defaultSettings(core.profile);
  core.trigger.abort(core.us);
  setAllFunctions(core, false);
  switches[found.key] = true;
  numbers.nplc = defaults.numbers.nplc;
  switches.isFiltered = false;
  switches.isNull = false;
  words.armSource = 'IMM';
  words.triggerSource = 'IMM';
  numbers.armCount = 1;
  numbers.triggerCount = 1;
  numbers.triggerDelayS = 0;
  words.autozero = '1';
  core.memory.trace.stop();
  return setOutput(core, true);
}

/** `:MEAS:VOLT?`; without a function: the present ones. */
export function measureOnce(core: Core, name: string | null): Answer {
  if (name === null) setOutput(core, true);
  else configure(core, name);
  applyOutput(core);
  return read(core);
}

export function configuredText(core: Core): string {
  return functionsText(core, true);
}

const COUNT_MAX = 2500;

/** The product of both counts is at most 2500, an infinite arm count aside (18-118). */
export function setCount(core: Core, which: 'armCount' | 'triggerCount', value: number): Outcome {
  const { numbers } = core.settings;
  const other = which === 'armCount' ? numbers.triggerCount : numbers.armCount;
  const product = value * other;
  if (Number.isFinite(product) && product > COUNT_MAX) return -221;
  numbers[which] = value;
  return null;
}

/** `*TRG`: ignored where nothing waits for it. */
export function busTrigger(core: Core): Outcome {
  return core.trigger.busTrigger(core.us) ? null : -211;
}

/** `:ARM:OUTP TENT,TEX`, `:TRIG:INP SOUR,DEL`: lists of names; no line is connected to them. */
export function setEvents(
  core: Core,
  parameters: Parameters,
  target: { readonly key: 'armOutput' | 'triggerInput' | 'triggerOutput'; readonly names: readonly string[] },
): Outcome {
  const found = parameters.map((parameter) => target.names.find((name) => isName(parameter, name)));
  if (found.includes(undefined)) return -141;
  const words = found.map((name) => (name ?? '').replace(/[a-z]+/g, ''));
  core.settings.words[target.key] = words.join(',');
  return null;
}

/** `:SYST:BEEP 500, 1`: nobody hears it, but it must be well formed (18-105). */
export function beep(_core: Core, parameters: Parameters): Outcome {
  const [frequency, durationS, ...rest] = parameters.map(parseNumber);
  if (frequency === undefined || durationS === undefined) return -109;
  if (rest.length > 0) return -108;
  if (!frequency.ok) return frequency.code;
  if (!durationS.ok) return durationS.code;
  const isAudible = frequency.value >= 65 && frequency.value <= 2e6;
  return isAudible && durationS.value >= 0 && durationS.value <= 7.9 ? null : -222;
}
