// bench_fanout.mjs NODES PORT BODY - for bench_fanout: at each line "go", one POST /marker to every node over an agent that
// keeps its connections; prints when it began (ns, CLOCK_MONOTONIC) once all have answered.
import http from 'node:http';
import readline from 'node:readline';

const [nodes, port] = process.argv.slice(2, 4).map(Number), body = process.argv[4];
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 65536, noDelay: true });
const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
const post = i => new Promise((resolve, reject) => {
	const host = `127.1.${Math.floor(i / 250)}.${1 + i % 250}`;
	const request = http.request({ host, port, path: '/marker', method: 'POST', agent, headers }, answer => {
		answer.resume();
		answer.on('end', resolve);
	});
	request.on('error', reject);
	request.end(body);
});
const all = () => Promise.all(Array.from({ length: nodes }, (_, i) => post(i)));

for (let i = 0; i < 3; i++)
	await all();
console.log('ready');
for await (const line of readline.createInterface({ input: process.stdin })) {
	if (line !== 'go')
		continue;
	const began = process.hrtime.bigint();
	await all();
	console.log(String(began));
}
process.exit(0);
