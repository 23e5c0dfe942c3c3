/** The two distributions that we take from jStat, which ships no types. */
declare module 'jstat' {
  export const jStat: {
    readonly normal: { inv(probability: number, mean: number, deviation: number): number };
    readonly chisquare: { cdf(value: number, degreesOfFreedom: number): number };
  };
}
