const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that take a minute or more. One of them begun last keeps one worker busy while the others have nothing left. */
const LONGEST = [
  'test/simulation/mutants.spec.ts',
  'test/simulation/simulation.spec.ts',
  'test/e2e/ten-thousand-sends.spec.ts',
  'test/e2e/segment-sdks.spec.ts',
  'test/e2e/sending.spec.ts',
  'test/e2e/population.spec.ts',
  'test/properties/arrival-order.spec.ts',
  'test/conformance/outside-authors.spec.ts',
  'test/e2e/reconciliation.spec.ts',
  'test/e2e/contact-guard.spec.ts',
];

/** A fresh clone remembers no times, and Jest then begins with the largest files, which are not the longest. */
module.exports = class extends Sequencer {
  sort(tests) {
    const placeOf = ({ path }) => {
      const place = LONGEST.findIndex((file) => path.endsWith(file));
      return place < 0 ? LONGEST.length : place;
    };
    return super.sort(tests).sort((a, b) => placeOf(a) - placeOf(b));
  }
};
