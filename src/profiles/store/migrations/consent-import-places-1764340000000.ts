import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * A consent file keeps the byte and the line at which reading goes on, and what its header says. One that is being worked off has
 * no place yet: whoever takes it over next reads it from its start, which the ledger bears. Safe beside the previous version.
 */
export class ConsentImportPlaces1764340000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table consent_import
        add column columns        text[],
        add column next_part      int not null default 0,
        add column next_part_byte int not null default 0,
        add column next_line      int not null default 1`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
