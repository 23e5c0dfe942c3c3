import { type Caught } from './main';
import { MUTANTS } from './mutants/mutants';
import { simulate } from './simulate';

// A file of its own: it takes minutes, and another worker can play the seeds meanwhile.
it('the simulation finds every fault that is planted', async () => {
  const { mutants } = (await simulate('--mutant', 'all', '--seeds', '2000')) as { mutants: Caught[] };
  expect(mutants.filter(({ seed }) => seed === null).map(({ mutant }) => mutant)).toEqual([]);
  expect(mutants).toHaveLength(MUTANTS.length);
}, 900_000);
