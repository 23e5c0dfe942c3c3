import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What a run was told, beside the passing of time, in the order in which it was told: with it, every decision can be taken
 * again. Inputs and decisions draw from one sequence: a decision that stands behind no input was due. The facts of a
 * further attempt are not repeated: they are in its event. Runs of before cannot be replayed: they have no `entered_at`.
 * Safe beside the previous version, whose runs cannot be replayed either.
 */
export class RunInputs1764100000800 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create sequence run_record`);
    await runner.query(`
      create table run_input (
        run_id uuid not null,
        seq    bigint not null default nextval('run_record'),
        at     timestamptz not null,
        kind   text not null,
        detail jsonb
      )`);
    await runner.query(`create index run_input_of_run on run_input (run_id)`);
    // In two statements: a default that is given with the column would rewrite the table.
    await runner.query(`alter table decision add column seq bigint`);
    await runner.query(`alter table decision alter column seq set default nextval('run_record')`);
    await runner.query(`alter table run add column entered_at timestamptz`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
