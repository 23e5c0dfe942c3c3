import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What may not be claimed just now: everything (`all`), or the messages of one journey (`journey:KEY`). Almost always empty. */
export class SendStops1764000000151 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table send_stop (
        scope text primary key,
        actor text not null,
        since timestamptz not null
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
