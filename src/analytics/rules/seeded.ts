/** Draws that repeat: the same seed gives the same row of numbers (mulberry32), so a simulation can be run again. */
export class Seeded {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** At least 0 and less than 1. */
  next(): number {
    this.state = (this.state + STEP) | 0;
    return mixed(this.state) / 2 ** 32;
  }

  /** How many of so many trials succeed. */
  successes(trials: number, rate: number): number {
    const below = rate * 2 ** 32;
    let [state, count] = [this.state, 0];
    for (let trial = 0; trial < trials; trial += 1) {
      state = (state + STEP) | 0;
      if (mixed(state) < below) count += 1;
    }
    this.state = state;
    return count;
  }
}

const STEP = 0x6d2b79f5;

/** A whole number under 2³². */
function mixed(state: number): number {
  const once = Math.imul(state ^ (state >>> 15), state | 1);
  const twice = once ^ (once + Math.imul(once ^ (once >>> 7), once | 61));
  return (twice ^ (twice >>> 14)) >>> 0;
}
