// The messages that take the source from where it stands to the level of a step. Pure.
import { COMMANDS, currentLevel, currentRange } from '../../../frames/dialects/keithley2400/commands.ts';

/** Where the source stands. */
export interface SourceState {
  readonly isOutputOn: boolean;
  /** null: not known. */
  readonly rangePa: number | null;
}

export interface Level {
  readonly currentPa: number;
  readonly rangePa: number;
}

/**
 * Within a range, one message: the current goes from one level to the other. A range changes at 0 A only,
 * so that no level stands in a range that it exceeds. An output is switched on at 0 A too: the relay then
 * closes on a source that gives nothing, not on one that stands at its compliance.
 */
export function messagesToward({ currentPa, rangePa }: Level, from: SourceState): readonly string[] {
  const isNewRange = rangePa !== from.rangePa;
  const isByZero = isNewRange || !from.isOutputOn;
  return [
    ...(isByZero ? [COMMANDS.levelZero] : []),
    ...(isNewRange ? [currentRange(rangePa)] : []),
    ...(from.isOutputOn ? [] : [COMMANDS.outputOn]),
    ...(isByZero && currentPa === 0 ? [] : [currentLevel(currentPa)]),
  ];
}
