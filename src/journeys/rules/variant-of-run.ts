import { type JourneyVersion } from './definition';
import { bucketOf } from './enrol';

/**
 * What a run drew, over all its steps, as `step:variant` joined by `+`; undefined where nothing is drawn. It is the draw and not what
 * was sent: the arms of a test are those who were meant to get something, the holdout's ghosts among them.
 */
export function variantOfRun(version: JourneyVersion, unit: string): string | undefined {
  const drawn = version.steps.flatMap(({ key, messages }) => {
    if (!messages.some(({ variant }) => variant)) return [];
    const bucket = drawOf(version, key, unit);
    const keys = messages.flatMap(({ variant }) =>
      variant && bucket >= variant.from && bucket < variant.to ? [variant.key] : [],
    );
    return [...new Set(keys)].map((variant) => `${key}:${variant}`);
  });
  return drawn.length === 0 ? undefined : drawn.join('+');
}

/** A step's draw for a person: the same in every lap and every replay. */
export const drawOf = (version: JourneyVersion, step: string, unit: string): number => bucketOf(`${version.key}:${step}:${unit}`);
