import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What became of runs, projected from the bus: reports read these two tables and nothing else. */
export class Outcomes1764000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outcome (
        run_id       uuid primary key,
        journey_key  text not null,
        version      int not null,
        arm          text not null,
        test         boolean not null,
        reason_class text,
        entered_at   timestamptz not null,
        ended_at     timestamptz,
        end_reason   text,
        goal_at      timestamptz,
        amount       bigint,
        currency     text
      )`);
    await runner.query(`create index outcome_of_journey on outcome (journey_key, entered_at)`);
    await runner.query(`
      create table touch (
        message_id uuid primary key,
        run_id     uuid not null,
        channel    text not null,
        state      text not null,
        at         timestamptz not null
      )`);
    await runner.query(`create index touch_of_run on touch (run_id, at)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
