// Another process that runs an embedded database: says in one line how it went, stops when its input ends or says so.
const { startEmbeddedPostgres } = require(process.argv[2]);
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

startEmbeddedPostgres({ ...JSON.parse(process.argv[3]), log: (line) => process.stderr.write(`${line}\n`) }).then(
  (server) => {
    server.onExit((why) => say({ exited: why }));
    say({ url: server.url, connection: server.connection, uid: process.getuid(), home: process.env.HOME ?? null });
    process.stdin.once('data', () => server.stop().then(() => process.stdin.destroy()));
  },
  (error) => {
    say({ code: error.code ?? error.name, message: error.message });
  },
);
