// Every command as data: header, setting, limits (manual 2400S-900-01, section 16 and tables 18-1 to 18-11).
// A row does nothing that has no name elsewhere.
import {
  action,
  answer,
  choice,
  type Command,
  number,
  query,
  refused,
  special,
  quoted,
  toggle,
  urgentAction,
} from './command-kinds.ts';
import type { Core } from './core.ts';
import { feedValue, NO_RESULT } from './limit-tests.ts';
import {
  abort,
  beep,
  busTrigger,
  calcData,
  configure,
  configuredText,
  fetch,
  initiate,
  latest,
  measureOnce,
  read,
  setCount,
  setEvents,
  setOutput,
} from './measure-commands.ts';
import { settingText } from './number-format.ts';
import { parseBoolean, parseNumeric } from './parameters.ts';
import { showCompliance, switchOff } from './sdm-cycle.ts';
import {
  CURRENT_SENSE,
  complianceLimits,
  complianceTripped,
  functionCount,
  functionState,
  functionsText,
  type SenseKind,
  senseRangeShown,
  setAllFunctions,
  setCompliance,
  setConcurrent,
  setFunctions,
  setOhmsRange,
  setSenseAuto,
  setSenseRange,
  VOLTAGE_SENSE,
} from './sense-commands.ts';
import {
  CURRENT_SOURCE,
  levelLimits,
  recallLocation,
  saveLocation,
  setLevel,
  setList,
  setProtection,
  setSourceAuto,
  setSourceFunction,
  setSourceRange,
  setSweepEnd,
  setSweepMiddle,
  setSweepPoints,
  setSweepStep,
  setTriggeredLevel,
  type SourceKind,
  sourceRangeShown,
  spanOf,
  VOLTAGE_SOURCE,
} from './source-commands.ts';
import { STANDARD } from './status-model.ts';
import {
  clearStatus,
  clearTrace,
  digitalText,
  emptyMemory,
  identity,
  offWhenChanged,
  preset,
  recall,
  register,
  reset,
  save,
  setByte,
  setCalcElements,
  setElements,
  setEnable,
  setFeed,
  setFeedControl,
  setFormat,
  setPoints,
  setPowerOn,
  setQueueEnable,
  setTimeFormat,
  statistics,
  timeText,
  traceData,
} from './system-commands.ts';

const INFINITE = Number.POSITIVE_INFINITY;
const SECONDS_9999 = { min: 0, max: 9999.999, def: 0 };
const SECONDS_999 = { min: 0, max: 999.9999, def: 0 };
const LIMIT_LEVEL = { min: -9.999999e20, max: 9.999999e20, def: 0 };
const LINES = { min: 1, max: 4, def: 1 };
const DIGITAL = { min: 0, max: 15, def: 15 };
const EVENTS = ['SOURce', 'DELay', 'SENSe', 'NONE'];
const ARM_SOURCES = ['IMMediate', 'TLINk', 'TIMer', 'MANual', 'BUS', 'NSTest', 'PSTest', 'BSTest'];
const DIRECTIONS = ['SOURce', 'ACCeptor'];
const REGISTER_FORMATS = ['ASCii', 'HEXadecimal', 'OCTal', 'BINary'];
const FUNCTION_NAMES = ['VOLTage', 'CURRent', 'RESistance'];

const common: readonly Command[] = [
  query('*IDN', identity),
  urgentAction('*RST', reset),
  action('*CLS', clearStatus),
  action('*WAI', () => null),
  query('*OPT', () => '0'),
  query('*TST', () => '0'),
  { ...special('*RCL', recall), isUrgent: true },
  special('*SAV', save),
  urgentAction('*TRG', busTrigger),
  {
    ...action('*OPC', ({ status }) => {
      status.raiseStandard(STANDARD.operationComplete);
      return null;
    }),
    ask: query('', () => '1').ask,
  },
  special(
    '*ESE',
    ({ status }, parameters) =>
      setByte(parameters, (value) => {
        status.standardEnable = value;
      }),
    (core) => register(core, core.status.standardEnable),
  ),
  query('*ESR', (core) => register(core, core.status.takeStandard())),
  special(
    '*SRE',
    ({ status }, parameters) =>
      setByte(parameters, (value) => {
        status.serviceEnable = value;
      }),
    (core) => register(core, core.status.serviceEnable),
  ),
];

const registers = (word: string, of: (core: Core) => Core['status']['measurement']): readonly Command[] => [
  query(`:STATus:${word}[:EVENt]`, (core) => {
    showCompliance(core);
    return register(core, of(core).takeEvents());
  }),
  query(`:STATus:${word}:CONDition`, (core) => {
    showCompliance(core);
    return register(core, of(core).condition);
  }),
  special(
    `:STATus:${word}:ENABle`,
    (core, parameters) => setEnable(of(core), parameters),
    (core) => register(core, of(core).enable),
  ),
];

const status: readonly Command[] = [
  ...registers('MEASurement', (core) => core.status.measurement),
  ...registers('OPERation', (core) => core.status.operation),
  ...registers('QUEStionable', (core) => core.status.questionable),
  action(':STATus:PRESet', ({ status: model }) => {
    model.presetEnables();
    return null;
  }),
  query(':STATus:QUEue[:NEXT]', ({ errors }) => errors.next()),
  action(':STATus:QUEue:CLEar', ({ errors }) => {
    errors.clear();
    return null;
  }),
  special(
    ':STATus:QUEue:ENABle',
    (core, parameters) => setQueueEnable(core, parameters, true),
    ({ errors }) => errors.enabledText(),
  ),
  special(':STATus:QUEue:DISable', (core, parameters) => setQueueEnable(core, parameters, false)),
];

const signal: readonly Command[] = [
  action(':INITiate[:IMMediate]', initiate),
  urgentAction(':ABORt', abort),
  query(':READ', read),
  query(':FETCh', fetch),
  query(':MEASure', (core) => measureOnce(core, null)),
  query(':CONFigure', configuredText),
  ...FUNCTION_NAMES.flatMap((name) => {
    const header = name === 'RESistance' ? name : `${name}[:DC]`;
    return [
      query(`:MEASure:${header}`, (core) => measureOnce(core, name)),
      action(`:CONFigure:${header}`, (core) => configure(core, name)),
    ];
  }),
];

const sourceOf = (kind: SourceKind): readonly Command[] => {
  const at = `[:SOURce[1]]:${kind.word}`;
  const limits = levelLimits(kind);
  return [
    choice(`${at}:MODE`, kind.word === 'CURRent' ? 'currentMode' : 'voltageMode', ['FIXed', 'LIST', 'SWEep']),
    number(`${at}[:LEVel][:IMMediate][:AMPLitude]`, kind.level, limits, {
      store: (core, value) => setLevel(kind, core, value),
    }),
    number(`${at}[:LEVel]:TRIGgered[:AMPLitude]`, kind.triggered, limits, {
      store: (core, value) => setTriggeredLevel(kind, core, value),
    }),
    number(`${at}[:LEVel]:TRIGgered:SFACtor`, kind.word === 'CURRent' ? 'currentScale' : 'voltageScale', {
      min: -999.9999e18,
      max: 999.9999e18,
      def: 1,
    }),
    toggle(
      `${at}[:LEVel]:TRIGgered:SFACtor:STATe`,
      kind.word === 'CURRent' ? 'isCurrentScaled' : 'isVoltageScaled',
    ),
    {
      ...number(`${at}:RANGe`, kind.range, limits, { read: (core) => sourceRangeShown(kind, core) }),
      set: special('', (core, parameters) => setSourceRange(kind, core, parameters)).set,
    },
    toggle(`${at}:RANGe:AUTO`, kind.auto, (core, isAuto) => setSourceAuto(kind, core, isAuto)),
  ];
};

const sweepOf = (kind: SourceKind): readonly Command[] => {
  const at = `[:SOURce[1]]:${kind.word}`;
  const limits = levelLimits(kind);
  return [
    number(`${at}:STARt`, kind.start, limits, {
      store: (core, value) => setSweepEnd(kind, 'start', core, value),
    }),
    number(`${at}:STOP`, kind.stop, limits, {
      store: (core, value) => setSweepEnd(kind, 'stop', core, value),
    }),
    number(`${at}:STEP`, kind.step, limits, { store: (core, value) => setSweepStep(kind, core, value) }),
    number(`${at}:CENTer`, kind.center, limits, {
      store: (core, value) => setSweepMiddle(kind, core, value, spanOf(kind, core)),
    }),
    number(
      `${at}:SPAN`,
      kind.step,
      (core) => ({ min: 2 * limits(core).min, max: 2 * limits(core).max, def: 0 }),
      {
        store: (core, value) => setSweepMiddle(kind, core, core.settings.numbers[kind.center], value),
        read: (core) => spanOf(kind, core),
      },
    ),
  ];
};

const listOf = (kind: SourceKind): readonly Command[] => {
  const at = `[:SOURce[1]]:LIST:${kind.word}`;
  const key = kind.word === 'CURRent' ? 'currentListA' : 'voltageListV';
  return [
    special(
      at,
      (core, parameters) => setList(kind, core, parameters, false),
      ({ settings }) => settings.lists[key].map(settingText).join(','),
    ),
    special(`${at}:APPend`, (core, parameters) => setList(kind, core, parameters, true)),
    query(`${at}:POINts`, ({ settings }) => String(settings.lists[key].length)),
    number(`${at}:STARt`, 'listStart', { min: 1, max: 100, def: 1 }, { isWhole: true }),
  ];
};

const source: readonly Command[] = [
  choice(
    '[:SOURce[1]]:FUNCtion[:MODE]',
    'sourceFunction',
    ['VOLTage', 'CURRent', 'MEMory'],
    setSourceFunction,
  ),
  ...[CURRENT_SOURCE, VOLTAGE_SOURCE].flatMap((kind) => [
    ...sourceOf(kind),
    ...sweepOf(kind),
    ...listOf(kind),
  ]),
  number(
    '[:SOURce[1]]:VOLTage:PROTection[:LEVel]',
    'voltageProtectionV',
    ({ profile: { voltageMaxV, protectionsV } }) => ({
      min: -voltageMaxV,
      max: voltageMaxV,
      def: protectionsV.at(-1) ?? voltageMaxV,
    }),
    { store: setProtection },
  ),
  query('[:SOURce[1]]:VOLTage:PROTection:TRIPped', ({ output, settings, us }) =>
    output.reading(us, settings).isProtected ? '1' : '0',
  ),
  action('[:SOURce[1]]:CLEar[:IMMediate]', (core) => setOutput(core, false)),
  toggle('[:SOURce[1]]:CLEar:AUTO', 'isAutoClear', (core, isAuto) => {
    core.settings.switches.isAutoClear = isAuto;
    if (isAuto) switchOff(core);
    return null;
  }),
  choice('[:SOURce[1]]:CLEar:AUTO:MODE', 'clearMode', ['ALWays', 'TCOunt']),
  number('[:SOURce[1]]:DELay', 'sourceDelayS', SECONDS_9999, {
    store: ({ settings }, value) => {
      settings.numbers.sourceDelayS = value;
      settings.switches.isAutoDelay = false;
      return null;
    },
  }),
  toggle('[:SOURce[1]]:DELay:AUTO', 'isAutoDelay'),
  number('[:SOURce[1]]:SOAK', 'soakS', SECONDS_9999),
  choice('[:SOURce[1]]:SWEep:SPACing', 'sweepSpacing', ['LINear', 'LOGarithmic']),
  number(
    '[:SOURce[1]]:SWEep:POINts',
    'sweepPoints',
    { min: 2, max: 2500, def: 2500 },
    { isWhole: true, store: setSweepPoints },
  ),
  choice('[:SOURce[1]]:SWEep:DIRection', 'sweepDirection', ['UP', 'DOWN']),
  choice('[:SOURce[1]]:SWEep:RANGing', 'sweepRanging', ['BEST', 'AUTO', 'FIXed']),
  choice('[:SOURce[1]]:SWEep:CABort', 'sweepAbort', ['NEVer', 'EARLy', 'LATE']),
  special('[:SOURce[1]]:MEMory:SAVE', saveLocation),
  special('[:SOURce[1]]:MEMory:RECall', recallLocation),
  number('[:SOURce[1]]:MEMory:POINts', 'memoryPoints', { min: 1, max: 100, def: 1 }, { isWhole: true }),
  number('[:SOURce[1]]:MEMory:STARt', 'memoryStart', { min: 1, max: 100, def: 1 }, { isWhole: true }),
  {
    ...number(':SOURce2:TTL[:LEVel][:DEFault]', 'digitalOut', DIGITAL, { isWhole: true }),
    ask: query('', (core) => digitalText(core, core.settings.numbers.digitalOut)).ask,
  },
  query(':SOURce2:TTL[:LEVel]:ACTual', (core) => digitalText(core, core.settings.numbers.digitalOut)),
  choice(':SOURce2:BSIZe', 'bitSize', ['3', '4']),
  action(':SOURce2:CLEar[:IMMediate]', () => null),
  toggle(':SOURce2:CLEar:AUTO', 'isDigitalAutoClear'),
];

const senseOf = (kind: SenseKind): readonly Command[] => {
  const at = `[:SENSe[1]]:${kind.word}[:DC]`;
  const limits = complianceLimits(kind);
  return [
    {
      ...number(`${at}:RANGe[:UPPer]`, kind.range, limits, { read: (core) => senseRangeShown(kind, core) }),
      set: special('', (core, parameters) => setSenseRange(kind, core, parameters)).set,
    },
    toggle(`${at}:RANGe:AUTO`, kind.auto, (core, isAuto) => setSenseAuto(kind, core, isAuto)),
    query(`${at}:RANGe:AUTO:ULIMit`, (core) => settingText(core.settings.numbers[kind.compliance])),
    number(
      `${at}:RANGe:AUTO:LLIMit`,
      kind.word === 'CURRent' ? 'currentLowerLimitA' : 'voltageLowerLimitV',
      limits,
    ),
    number(`${at}:NPLCycles`, 'nplc', { min: 0.01, max: 10, def: 1 }),
    number(`${at}:PROTection[:LEVel]`, kind.compliance, limits, {
      store: (core, value) => setCompliance(kind, core, value),
    }),
    query(`${at}:PROTection:TRIPped`, (core) => complianceTripped(kind, core)),
    toggle(`${at}:PROTection:RSYNchronize`, 'isComplianceRangeSynchronised'),
  ];
};

const sense: readonly Command[] = [
  ...senseOf(CURRENT_SENSE),
  ...senseOf(VOLTAGE_SENSE),
  query('[:SENSe[1]]:DATA[:LATest]', latest),
  toggle('[:SENSe[1]]:FUNCtion:CONCurrent', 'isConcurrent', setConcurrent),
  special(
    '[:SENSe[1]]:FUNCtion[:ON]',
    (core, parameters) => setFunctions(core, parameters, true),
    (core) => functionsText(core, true),
  ),
  action('[:SENSe[1]]:FUNCtion[:ON]:ALL', (core) => setAllFunctions(core, true)),
  query('[:SENSe[1]]:FUNCtion[:ON]:COUNt', (core) => functionCount(core, true)),
  special(
    '[:SENSe[1]]:FUNCtion:OFF',
    (core, parameters) => setFunctions(core, parameters, false),
    (core) => functionsText(core, false),
  ),
  action('[:SENSe[1]]:FUNCtion:OFF:ALL', (core) => setAllFunctions(core, false)),
  query('[:SENSe[1]]:FUNCtion:OFF:COUNt', (core) => functionCount(core, false)),
  { header: '[:SENSe[1]]:FUNCtion:STATe', ask: functionState },
  choice('[:SENSe[1]]:RESistance:MODE', 'resistanceMode', ['MANual', 'AUTO']),
  toggle('[:SENSe[1]]:RESistance:OCOMpensated', 'isOffsetCompensated'),
  {
    ...number('[:SENSe[1]]:RESistance:RANGe[:UPPer]', 'resistanceSenseRangeOhm', {
      min: 0,
      max: 2.1e8,
      def: 2.1e5,
    }),
    set: special('', setOhmsRange).set,
  },
  toggle('[:SENSe[1]]:RESistance:RANGe:AUTO', 'isResistanceAutoRange'),
  number('[:SENSe[1]]:RESistance:RANGe:AUTO:ULIMit', 'resistanceUpperLimitOhm', {
    min: -2.1e8,
    max: 2.1e8,
    def: 2.1e8,
  }),
  number('[:SENSe[1]]:RESistance:RANGe:AUTO:LLIMit', 'resistanceLowerLimitOhm', {
    min: -2.1e8,
    max: 2.1e8,
    def: 20,
  }),
  number('[:SENSe[1]]:RESistance:NPLCycles', 'nplc', { min: 0.01, max: 10, def: 1 }),
  choice('[:SENSe[1]]:AVERage:TCONtrol', 'filterKind', ['REPeat', 'MOVing']),
  number('[:SENSe[1]]:AVERage:COUNt', 'filterCount', { min: 1, max: 100, def: 10 }, { isWhole: true }),
  toggle('[:SENSe[1]]:AVERage[:STATe]', 'isFiltered', (core, isFiltered) => {
    core.settings.switches.isFiltered = isFiltered;
    core.movingFilter = [];
    return null;
  }),
];

const output: readonly Command[] = [
  special(
    ':OUTPut[1][:STATe]',
    (core, [first = '', second]) => {
      if (second !== undefined) return -108;
      const parsed = parseBoolean(first);
      return parsed.ok ? setOutput(core, parsed.value) : parsed.code;
    },
    (core) => (core.output.isOn ? '1' : '0'),
  ),
  choice(':OUTPut[1]:SMODe', 'offMode', ['HIMPedance', 'NORMal', 'ZERO', 'GUARd']),
  // The enable line of the bench is closed: it permits the output.
  toggle(':OUTPut[1]:ENABle[:STATe]', 'isOutputEnableUsed'),
  query(':OUTPut[1]:ENABle:TRIPped', () => '1'),
  // The name of the same line in firmware before C27.
  toggle(':OUTPut[1]:INTerlock[:STATe]', 'isOutputEnableUsed'),
  query(':OUTPut[1]:INTerlock:TRIPped', () => '1'),
  choice(':ROUTe:TERMinals', 'terminals', ['FRONt', 'REAR'], (core, word) => {
    const isChanged = core.settings.words.terminals !== word;
    core.settings.words.terminals = word;
    return offWhenChanged(core, isChanged);
  }),
];

const triggers: readonly Command[] = [
  ...(['ARM', 'TRIGger'] as const).flatMap((layer): readonly Command[] => {
    const at = layer === 'ARM' ? ':ARM[:SEQuence[1]][:LAYer[1]]' : ':TRIGger[:SEQuence[1]]';
    const isArm = layer === 'ARM';
    return [
      number(
        `${at}:COUNt`,
        isArm ? 'armCount' : 'triggerCount',
        { min: 1, max: isArm ? INFINITE : 2500, def: 1 },
        { isWhole: true, store: (core, value) => setCount(core, isArm ? 'armCount' : 'triggerCount', value) },
      ),
      choice(
        `${at}:SOURce`,
        isArm ? 'armSource' : 'triggerSource',
        isArm ? ARM_SOURCES : ['IMMediate', 'TLINk'],
      ),
      choice(`${at}[:TCONfigure]:DIRection`, isArm ? 'armDirection' : 'triggerDirection', DIRECTIONS),
      number(`${at}[:TCONfigure][:ASYNchronous]:ILINe`, isArm ? 'armInputLine' : 'triggerInputLine', LINES, {
        isWhole: true,
      }),
      number(
        `${at}[:TCONfigure][:ASYNchronous]:OLINe`,
        isArm ? 'armOutputLine' : 'triggerOutputLine',
        LINES,
        {
          isWhole: true,
        },
      ),
      special(
        `${at}[:TCONfigure][:ASYNchronous]:OUTPut`,
        (core, parameters) =>
          setEvents(core, parameters, {
            key: isArm ? 'armOutput' : 'triggerOutput',
            names: isArm ? ['TENTer', 'TEXit', 'NONE'] : EVENTS,
          }),
        ({ settings }) => settings.words[isArm ? 'armOutput' : 'triggerOutput'],
      ),
    ];
  }),
  number(':ARM[:SEQuence[1]][:LAYer[1]]:TIMer', 'armTimerS', { min: 0.001, max: 99_999.99, def: 0.1 }),
  number(':TRIGger[:SEQuence[1]]:DELay', 'triggerDelayS', SECONDS_999),
  special(
    ':TRIGger[:SEQuence[1]][:TCONfigure][:ASYNchronous]:INPut',
    (core, parameters) => setEvents(core, parameters, { key: 'triggerInput', names: EVENTS }),
    ({ settings }) => settings.words.triggerInput,
  ),
  action(':TRIGger[:SEQuence[1]]:CLEar', () => null),
];

const trace: readonly Command[] = [
  query(':TRACe|DATA:DATA', traceData),
  action(':TRACe|DATA:CLEar', clearTrace),
  query(':TRACe|DATA:FREE', ({ memory }) => memory.trace.freeText()),
  {
    header: ':TRACe|DATA:POINts',
    set: special('', setPoints).set,
    ask: (core, [name, second]) => {
      if (second !== undefined) return refused(-108);
      if (name === undefined) return answer(String(core.memory.trace.points));
      const parsed = parseNumeric(name, { min: 1, max: 2500, def: 100 });
      return parsed.ok ? answer(String(parsed.value)) : refused(parsed.code);
    },
  },
  query(':TRACe|DATA:POINts:ACTual', ({ memory }) => String(memory.trace.readings.length)),
  special(':TRACe|DATA:FEED', setFeed, ({ memory }) => memory.trace.feed),
  special(':TRACe|DATA:FEED:CONTrol', setFeedControl, ({ memory }) =>
    memory.trace.isStoring ? 'NEXT' : 'NEV',
  ),
  special(':TRACe|DATA:TSTamp:FORMat', setTimeFormat, ({ memory }) => memory.trace.timeFormat),
];

const calculate: readonly Command[] = [
  // Math expressions are not there: none is found, and none can be turned on.
  {
    header: ':CALCulate[1]:STATe',
    set: (_core, [first = '']) => {
      const parsed = parseBoolean(first);
      if (!parsed.ok) return parsed.code;
      return parsed.value ? 806 : null;
    },
    ask: query('', () => '0').ask,
  },
  special(':CALCulate[1]:MATH[:EXPRession]:NAME', () => 806),
  query(':CALCulate[1]:DATA', () => refused(-230)),
  choice(':CALCulate2:FEED', 'limitFeed', ['CALCulate', 'VOLTage', 'CURRent', 'RESistance']),
  number(':CALCulate2:NULL:OFFSet', 'nullOffset', LIMIT_LEVEL),
  toggle(':CALCulate2:NULL:STATe', 'isNull'),
  action(':CALCulate2:NULL:ACQuire', ({ samples, settings }) => {
    const last = samples.at(-1);
    if (last === undefined) return -230;
    settings.numbers.nullOffset = feedValue(last, settings.words.limitFeed);
    return null;
  }),
  query(':CALCulate2:DATA', (core) => calcData(core, 'all')),
  query(':CALCulate2:DATA:LATest', (core) => calcData(core, 'latest')),
  toggle(':CALCulate2:LIMit[1]:STATe', 'isLimit1'),
  choice(':CALCulate2:LIMit[1]:COMPliance:FAIL', 'limit1Fail', ['IN', 'OUT']),
  number(':CALCulate2:LIMit[1]:COMPliance:SOURce2', 'limit1Pattern', DIGITAL, { isWhole: true }),
  query(':CALCulate2:LIMit[1]:FAIL', ({ limits }) => (limits.hasFailed1 ? '1' : '0')),
  toggle(':CALCulate2:LIMit2:STATe', 'isLimit2'),
  number(':CALCulate2:LIMit2:UPPer[:DATA]', 'highLimit2', { ...LIMIT_LEVEL, def: 1 }),
  number(':CALCulate2:LIMit2:LOWer[:DATA]', 'lowLimit2', { ...LIMIT_LEVEL, def: -1 }),
  query(':CALCulate2:LIMit2:FAIL', ({ limits }) => (limits.isLow2 || limits.isHigh2 ? '1' : '0')),
  action(':CALCulate2:CLIMits:CLEar[:IMMediate]', (core) => {
    core.limits = NO_RESULT;
    return null;
  }),
  toggle(':CALCulate2:CLIMits:CLEar:AUTO', 'isLimitAutoClear'),
  choice(':CALCulate2:CLIMits:MODE', 'limitMode', ['GRADing']),
  choice(':CALCulate2:CLIMits:BCONtrol', 'limitControl', ['IMMediate', 'END']),
  choice(':CALCulate3:FORMat', 'statistics', ['MEAN', 'SDEViation', 'MAXimum', 'MINimum', 'PKPK']),
  query(':CALCulate3:DATA', statistics),
];

const format: readonly Command[] = [
  special(':FORMat[:DATA]', setFormat, () => 'ASC'),
  choice(':FORMat:BORDer', 'byteOrder', ['NORMal', 'SWAPped']),
  choice(':FORMat:SREGister', 'registerFormat', REGISTER_FORMATS),
  choice(':FORMat:SOURce2', 'digitalFormat', REGISTER_FORMATS),
  special(':FORMat:ELEMents[:SENSe[1]]', setElements, ({ settings }) => settings.elements.join(',')),
  special(':FORMat:ELEMents:CALCulate', setCalcElements, ({ settings }) => settings.calcElements.join(',')),
];

const display: readonly Command[] = [
  toggle(':DISPlay:ENABle', 'isDisplayed'),
  action(':DISPlay:CNDisplay', () => null),
  number(':DISPlay:DIGits', 'digits', { min: 4, max: 7, def: 6 }, { isWhole: true }),
  quoted(':DISPlay[:WINDow[1]]:TEXT[:DATA]', 'upperText', 20),
  toggle(':DISPlay[:WINDow[1]]:TEXT:STATe', 'isUpperText'),
  quoted(':DISPlay:WINDow2:TEXT[:DATA]', 'lowerText', 32),
  toggle(':DISPlay:WINDow2:TEXT:STATe', 'isLowerText'),
];

const system: readonly Command[] = [
  urgentAction(':SYSTem:PRESet', preset),
  special(':SYSTem:POSetup', setPowerOn, ({ memory }) => memory.powerOnSetup),
  query(':SYSTem:VERSion', () => '1996.0'),
  query(':SYSTem:ERRor[:NEXT]', ({ errors }) => errors.next()),
  query(':SYSTem:ERRor:ALL', ({ errors }) => errors.all()),
  query(':SYSTem:ERRor:COUNt', ({ errors }) => String(errors.count)),
  query(':SYSTem:ERRor:CODE[:NEXT]', ({ errors }) => errors.nextCode()),
  query(':SYSTem:ERRor:CODE:ALL', ({ errors }) => errors.allCodes()),
  action(':SYSTem:CLEar', ({ errors }) => {
    errors.clear();
    return null;
  }),
  special(':SYSTem:BEEPer[:IMMediate]', beep),
  toggle(':SYSTem:BEEPer:STATe', 'isBeeper'),
  {
    header: ':SYSTem:AZERo[:STATe]',
    set: ({ settings }, [first = '', second]) => {
      if (second !== undefined) return -108;
      const isOnce = first.toUpperCase() === 'ONCE';
      const parsed = parseBoolean(first);
      if (!isOnce && !parsed.ok) return parsed.code;
      settings.words.autozero = isOnce ? 'ONCE' : parsed.ok && parsed.value ? '1' : '0';
      return null;
    },
    ask: query('', ({ settings }) => settings.words.autozero).ask,
  },
  toggle(':SYSTem:AZERo:CACHing[:STATe]', 'isAutozeroCache'),
  action(':SYSTem:AZERo:CACHing:RESet', () => null),
  action(':SYSTem:AZERo:CACHing:REFResh', () => null),
  number(
    ':SYSTem:LFRequency',
    'lineFrequencyHz',
    { min: 50, max: 60, def: 60 },
    {
      isWhole: true,
      store: ({ settings }, value) => {
        if (value !== 50 && value !== 60) return -224;
        settings.numbers.lineFrequencyHz = value;
        settings.switches.isLineFrequencyAuto = false;
        return null;
      },
    },
  ),
  toggle(':SYSTem:LFRequency:AUTO', 'isLineFrequencyAuto'),
  // Nobody looks at the panel; a key that was pressed is answered as the last one.
  special(
    ':SYSTem:KEY',
    (_core, [first = '']) => {
      const parsed = parseNumeric(first, { min: 1, max: 31, def: 1 });
      return parsed.ok ? null : parsed.code;
    },
    () => '0',
  ),
  query(':SYSTem:TIME', timeText),
  action(':SYSTem:TIME:RESet', (core) => {
    core.timeZeroUs = core.us;
    return null;
  }),
  toggle(':SYSTem:TIME:RESet:AUTO', 'isAutoTimeReset'),
  toggle(':SYSTem:RSENse', 'isFourWire', (core, isFourWire) => {
    const isChanged = core.settings.switches.isFourWire !== isFourWire;
    core.settings.switches.isFourWire = isFourWire;
    return offWhenChanged(core, isChanged);
  }),
  choice(':SYSTem:GUARd', 'guard', ['CABLe', 'OHMS'], (core, word) => {
    const isChanged = core.settings.words.guard !== word;
    core.settings.words.guard = word;
    return offWhenChanged(core, isChanged);
  }),
  toggle(':SYSTem:CCHeck', 'isContactCheck'),
  number(':SYSTem:CCHeck:RESistance', 'contactCheckOhm', { min: 0, max: 60, def: 50 }),
  choice(':SYSTem:RCMode', 'rangeChange', ['SINGle', 'MULTiple']),
  action(':SYSTem:MEMory:INITialize', emptyMemory),
  query(':SYSTem:FRSWitch', ({ settings }) => (settings.words.terminals === 'FRON' ? '1' : '0')),
  action(':SYSTem:LOCal', () => null),
  action(':SYSTem:REMote', () => null),
  special(':SYSTem:RWLock', (_core, [first = '']) => {
    const parsed = parseBoolean(first);
    return parsed.ok ? null : parsed.code;
  }),
];

export const COMMAND_TABLE: readonly Command[] = [
  ...common,
  ...status,
  ...signal,
  ...source,
  ...sense,
  ...output,
  ...triggers,
  ...trace,
  ...calculate,
  ...format,
  ...display,
  ...system,
];
