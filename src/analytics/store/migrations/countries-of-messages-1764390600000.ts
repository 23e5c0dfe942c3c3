import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Where the number of a message is at home, by which its vendor charges: with the message since its call, and in what reports count.
 * Null of what goes to no number, and of all that is stored already: it is priced as before. Safe beside the version before, which
 * neither reads nor writes it.
 */
export class CountriesOfMessages1764390600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['message', 'touch', 'earlier_touch', 'message_rollup', 'message_daily'])
      await runner.query(`alter table ${table} add column country text`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
