// What a line of the text port comes to: an answer, or a job that will have one. Every line has exactly one
// answer. ABOR and *RST, which do not wait, never come here.
import { ERROR_CODES, errorText, OK } from './error-codes.ts';
import { drawnUs, type FirmwareState, presentSetpoint, presentValue } from './firmware-state.ts';
import { type Job, WaitJob } from './job.ts';
import { PrimitiveJob } from './primitive-job.ts';
import { planPrimitive, PRIMITIVES, type PrimitiveName, setpointError } from './primitive-plan.ts';
import { answerQuery, identityText, readOcv } from './queries.ts';
import { rangeOfShunt } from './profiles.ts';
import { parseScpiLine, type ScpiLine } from './scpi-line.ts';
import {
  isNumberHeader,
  isSwitchHeader,
  isWithin,
  type NumberHeader,
  parseNumber,
  parseSwitch,
} from './settings.ts';
import { setSystem } from './system-settings.ts';

/** "Tending to be about 10 ms - 20 ms", "up to 50 ms depending on the device" (control.py). */
const DEAD_TIME = { leastUs: 10_000, mostUs: 20_000 };
const SETTLE_TIME = { leastUs: 20_000, mostUs: 50_000 };
/** "Average of 7 measurements" (Zahner-Remote-Python, BasicIntroduction); how far apart: assumed. */
const OCV_US = 7 * 20_000;
/** "Only takes a few seconds" (control.py, calibrateOffsets). */
const CALIBRATION_US = 3_000_000;

/** Commands of another mode of operation, which this instrument has and this emulator has not. */
const NOT_EMULATED: readonly string[] = ['SYST:SEPC', 'SYST:HOTS'];

/** Executes a line that came, or whose turn has come, at device time `us`. */
export function execute(state: FirmwareState, text: string, us: number): string | Job {
  const line = parseScpiLine(text);
  // Common commands tell who and why also while the error is latched; nothing else does [inferred].
  if (line.header.startsWith('*')) return executeCommon(state, line);
  if (state.latched !== null) return errorText(ERROR_CODES.blocked);
  const { header } = line;
  const primitive = PRIMITIVES.find((name) => `MEAS:${name}?` === header);
  if (primitive !== undefined) return startPrimitive(state, primitive, us);
  if (header === 'MEAS:OCV?') return startOcv(state, us);
  if (header === 'SESO:CALO') return startCalibration(state, us);
  if (NOT_EMULATED.includes(header)) return errorText(ERROR_CODES.notImplemented);
  return answerQuery(state, header, us) ?? setSystem(state, line) ?? set(state, line, us);
}

function executeCommon(state: FirmwareState, { header }: ScpiLine): string {
  switch (header) {
    case '*IDN?':
      return identityText(state);
    case '*CLS?':
      return String(state.latched ?? 0);
    case '*CLS':
      state.latched = null;
      return OK;
    default:
      return errorText(ERROR_CODES.unknownCommand);
  }
}

function startPrimitive(state: FirmwareState, name: PrimitiveName, us: number): string | Job {
  const { settings, profile, stage, stream, faults, ocvV } = state;
  const plan = planPrimitive(name, { settings, profile, ocvV, presentValue: presentValue(state) });
  if (typeof plan === 'number') return errorText(plan);
  return new PrimitiveJob({
    plan,
    settings,
    stage,
    stream,
    faults,
    startUs: us,
    settleUs: drawnUs(state, SETTLE_TIME),
    deadUs: drawnUs(state, DEAD_TIME),
    before: stage.isOn ? presentSetpoint(state) : null,
  });
}

/** "The potentiostat is automatically switched off by this method" (control.py, measureOCV); it stays off. */
function startOcv(state: FirmwareState, us: number): Job {
  state.stage.off(us, 'off');
  return new WaitJob(us + OCV_US, (doneUs) => readOcv(state, doneUs));
}

/** Offsets cannot be found while current flows: 1007 [inferred]. */
function startCalibration({ stage }: FirmwareState, us: number): string | Job {
  if (stage.isOn) return errorText(ERROR_CODES.calibration);
  return new WaitJob(us + CALIBRATION_US, () => OK);
}

function set(state: FirmwareState, { header, argument }: ScpiLine, us: number): string {
  if (isNumberHeader(header)) return setNumber(state, { header, argument, us });
  if (isSwitchHeader(header)) {
    const isOn = parseSwitch(argument);
    if (isOn === null) return errorText(ERROR_CODES.undefinedError);
    state.settings.switches[header] = isOn;
    return OK;
  }
  switch (header) {
    case 'SESO:STAT':
      return setOutput(state, argument, us);
    case 'SESO:COUP':
      return setCoupling(state, argument, us);
    case 'SESO:UREL':
    case 'PARA:UREL':
      return setRelation(state, header, argument);
    default:
      return errorText(ERROR_CODES.unknownCommand);
  }
}

function setNumber(
  state: FirmwareState,
  { header, argument, us }: { readonly header: NumberHeader; readonly argument: string; readonly us: number },
): string {
  const { settings, profile, stage } = state;
  const value = parseNumber(argument);
  if (value === null) return errorText(ERROR_CODES.undefinedError);
  if (!isWithin(header, value, profile)) return errorText(ERROR_CODES.outOfRange);
  settings.numbers[header] = value;
  if (header === 'SESO:CRNG') {
    const { rangesPa } = profile.instrument;
    const range = rangesPa.findIndex((fullScalePa) => Math.abs(value) * 1e12 <= fullScalePa);
    settings.numbers['SESO:CRNG:IDX'] = rangesPa.length - 1 - range;
  }
  if (header.startsWith('SESO:CRNG')) {
    stage.selectRange(us, rangeOfShunt(profile, settings.numbers['SESO:CRNG:IDX']));
  }
  if (header === 'SESO:IVAL') state.finals.gal = null;
  if (header === 'SESO:UVAL') state.finals.pot = null;
  if (header === 'SESO:IVAL' || header === 'SESO:UVAL') holdPresent(state, us);
  return OK;
}

/** "If only the potentiostat is switched on, no ranging is performed and no limits are monitored." */
function setOutput(state: FirmwareState, argument: string, us: number): string {
  const isOn = parseSwitch(argument);
  if (isOn === null) return errorText(ERROR_CODES.undefinedError);
  const { settings, profile, stage } = state;
  if (!isOn) {
    stage.off(us, 'off');
    return OK;
  }
  const code = setpointError([presentValue(state)], { settings, profile });
  if (code !== null) return errorText(code);
  if (!stage.isOn) stage.selectRange(us, rangeOfShunt(profile, settings.numbers['SESO:CRNG:IDX']));
  stage.drive(us, presentSetpoint(state));
  return OK;
}

/** "When the coupling is changed the potentiostat will be turned off." */
function setCoupling({ settings, stage }: FirmwareState, argument: string, us: number): string {
  const word = argument.toLowerCase();
  if (word !== 'pot' && word !== 'gal') return errorText(ERROR_CODES.undefinedError);
  if (word !== settings.coupling) stage.off(us, 'off');
  settings.coupling = word;
  return OK;
}

function setRelation(state: FirmwareState, header: 'SESO:UREL' | 'PARA:UREL', argument: string): string {
  const word = argument.toUpperCase();
  if (word !== 'OCV' && word !== '0') return errorText(ERROR_CODES.undefinedError);
  const isToOcv = word === 'OCV';
  if (header === 'PARA:UREL') state.settings.isParameterVoltageToOcv = isToOcv;
  else {
    state.settings.isSessionVoltageToOcv = isToOcv;
    state.finals.pot = null;
  }
  return OK;
}

/** A value that is set while the output is on appears there at once [inferred]. */
function holdPresent(state: FirmwareState, us: number): void {
  if (state.stage.isOn) state.stage.drive(us, presentSetpoint(state));
}
