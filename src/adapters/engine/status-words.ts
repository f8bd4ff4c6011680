const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** As docker/go-units duration.go, HumanDuration, writes them; a month is 30 days there and a year 365. */
const units: Readonly<Record<string, number>> = {
  second,
  minute,
  hour,
  day,
  week: 7 * day,
  month: 30 * day,
  year: 365 * day,
};

const up =
  /^Up (?:(Less than a second)|About an? (minute|hour)|(\d{1,9}) (second|minute|hour|day|week|month|year)s?)(?: \(|$)/;

/** How long a container has run, in ms, from `Status`: "Up 4 minutes (healthy)". As coarse as the words; undefined when they do not say. */
export function coarseAge(status: string): number | undefined {
  const match = up.exec(status);
  if (match === null) return undefined;
  const [, lessThanSecond, about, amount, unit] = match;
  if (lessThanSecond !== undefined) return 0;
  if (about !== undefined) return units[about];
  const size = units[unit ?? ""];
  return size === undefined ? undefined : Number(amount) * size;
}
