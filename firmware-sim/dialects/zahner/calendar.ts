// Milliseconds since 1970 to and from the text of `:SYST:TIME`, in UTC. Arithmetic only: the clock that
// counts them is injected.

const MS_PER_DAY = 86_400_000;
const DAYS_PER_ERA = 146_097;
/** Days from 0000-03-01, where the arithmetic begins, to 1970-01-01. */
const EPOCH_DAYS = 719_468;
const TEXT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/;

/** `2026-01-31T13:05:00`. */
export function isoFromMs(ms: number): string {
  const days = Math.floor(ms / MS_PER_DAY);
  const { year, month, day } = dateFromDays(days);
  const second = Math.floor((ms - days * MS_PER_DAY) / 1000);
  const time = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60].map(twoDigits);
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}T${time.join(':')}`;
}

/** null where the text is no date and time of this form, or names a day that does not exist. */
export function msFromIso(text: string): number | null {
  const match = TEXT.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  if (hour > 23 || minute > 59 || second > 59) return null;
  const ms = daysFromDate(year, month, day) * MS_PER_DAY + (hour * 3600 + minute * 60 + second) * 1000;
  return isoFromMs(ms) === text ? ms : null;
}

/** Years begin in March here, so that the leap day is the last one (Howard Hinnant, chrono algorithms). */
function daysFromDate(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - EPOCH_DAYS;
}

function dateFromDays(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + EPOCH_DAYS;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
